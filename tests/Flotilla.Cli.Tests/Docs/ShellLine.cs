using System.Text;

namespace Flotilla.Cli.Tests.Docs;

/// <summary>Takes the commands out of a line of shell, as far as examples go: quotes, pipes, redirections, substitutions of processes.</summary>
internal static class ShellLine
{
    public static IReadOnlyList<string[]> Commands(string line)
    {
        List<List<string>> commands = [[]];
        var skipsNext = false;
        var hasMore = false;
        foreach (var word in Words(line))
        {
            if (word is "|" or ";" or "&&" or "&" or "<(" or ")" or "sudo")
                commands.Add([]);
            else if (word == "xargs")
                hasMore = true;
            else if (word is ">" or "<")
                skipsNext = true;
            else if (skipsNext)
                skipsNext = false;
            else
                commands[^1].Add(word.Trim('\u0001'));
        }

        // What xargs adds comes from elsewhere.
        if (hasMore)
            commands[^1].Add("more");
        return [.. commands.Where(command => command.Count > 0).Select(command => command.ToArray())];
    }

    /// <summary>Words without their quotes; a quoted one is marked so that it is no operator.</summary>
    private static IEnumerable<string> Words(string line)
    {
        var word = new StringBuilder();
        for (var at = 0; at < line.Length; at++)
        {
            var c = line[at];
            if (c is '\'' or '"')
            {
                var end = line.IndexOf(c, at + 1);
                word.Append('\u0001').Append(line, at + 1, end - at - 1);
                at = end;
            }
            else if (c == '<' && at + 1 < line.Length && line[at + 1] == '(')
            {
                yield return "<(";
                at++;
            }
            else if (c is ' ' or ')')
            {
                if (word.Length > 0)
                    yield return word.ToString();
                word.Clear();
                if (c == ')')
                    yield return ")";
            }
            else
            {
                word.Append(c);
            }
        }

        if (word.Length > 0)
            yield return word.ToString();
    }
}
