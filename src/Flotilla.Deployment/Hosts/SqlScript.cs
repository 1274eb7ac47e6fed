using System.Text;

namespace Flotilla.Deployment;

/// <summary>
/// Cuts a SQL file into statements as the command-line client does - quotes, comments, DELIMITER - but knows none of the client's commands, so
/// that no file can run a program.
/// </summary>
internal static class SqlScript
{
    /// <summary>No server takes a longer packet by default.</summary>
    private const int StatementCharsMax = 16 << 20;

    /// <exception cref="DeploymentException">A statement is too long, or does not end.</exception>
    public static IEnumerable<string> Statements(TextReader reader)
    {
        var (statement, delimiter, open) = (new StringBuilder(), ";", '\0');
        while (reader.ReadLine() is { } line)
        {
            if (open == '\0' && IsBlank(statement) && line.TrimStart() is var start && start.StartsWith("DELIMITER ", StringComparison.OrdinalIgnoreCase))
            {
                delimiter = start["DELIMITER ".Length..].Trim() is { Length: > 0 } given ? given : ";";
                continue;
            }

            var begun = 0;
            for (var at = 0; at < line.Length; at++)
            {
                if (open == '\0' && string.CompareOrdinal(line, at, delimiter, 0, delimiter.Length) == 0)
                {
                    statement.Append(line, begun, at - begun);
                    if (Take(statement) is { } whole)
                        yield return whole;
                    at += delimiter.Length - 1;
                    begun = at + 1;
                    continue;
                }

                if (open == '\0' && StartsComment(line, at))
                {
                    statement.Append(line, begun, at - begun);
                    begun = line.Length;
                    break;
                }

                open = Next(line, ref at, open);
            }

            if (begun < line.Length)
                statement.Append(line, begun, line.Length - begun);
            statement.Append('\n');
            if (statement.Length > StatementCharsMax)
                throw new DeploymentException(DeploymentProblem.BadRequest, $"a statement is longer than {StatementCharsMax >> 20} Mi characters");
        }

        if (open is not '\0')
            throw new DeploymentException(DeploymentProblem.BadRequest, $"the file ends within {(open == '*' ? "a comment" : $"quotes ({open})")}");
        if (Take(statement) is { } last)
            yield return last;
    }

    /// <summary>What is open behind that place: a quote, <c>*</c> for a comment, or nothing.</summary>
    private static char Next(string line, ref int at, char open)
    {
        var c = line[at];
        switch (open)
        {
            case '\0' when c is '\'' or '"' or '`':
                return c;
            case '\0' when c == '/' && at + 1 < line.Length && line[at + 1] == '*':
                at++;
                return '*';
            case '*' when c == '*' && at + 1 < line.Length && line[at + 1] == '/':
                at++;
                return '\0';
            case '\'' or '"' when c == '\\':
                at++;
                return open;
            case '\0' or '*':
                return open;
            default:
                // A quote that is doubled closes and opens again.
                return c == open ? '\0' : open;
        }
    }

    private static bool StartsComment(string line, int at)
        => line[at] == '#' || (line[at] == '-' && at + 1 < line.Length && line[at + 1] == '-' && (at + 2 == line.Length || char.IsWhiteSpace(line[at + 2])));

    private static string? Take(StringBuilder statement)
    {
        var text = statement.ToString().Trim();
        statement.Clear();
        // A statement that is nothing but a comment is none; those with an exclamation mark are run by the server.
        while (text.StartsWith("/*", StringComparison.Ordinal) && !text.StartsWith("/*!", StringComparison.Ordinal) && !text.StartsWith("/*M!", StringComparison.Ordinal))
            text = text[(text.IndexOf("*/", 2, StringComparison.Ordinal) + 2)..].TrimStart();
        return text.Length == 0 ? null : text;
    }

    private static bool IsBlank(StringBuilder statement)
    {
        for (var at = 0; at < statement.Length; at++)
        {
            if (!char.IsWhiteSpace(statement[at]))
                return false;
        }

        return true;
    }
}
