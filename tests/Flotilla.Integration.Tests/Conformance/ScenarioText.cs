using System.Globalization;
using System.Text;

namespace Flotilla.Integration.Tests.Conformance;

/// <summary>
/// Tokens of scenario files: bare words, quoted strings with \n \r \t \0 \\ \" \xNN, and @x*9000 for a character repeated.
/// </summary>
internal static class ScenarioText
{
    private const int LongRun = 64;

    public static string Quote(string bytes)
    {
        var text = new StringBuilder("\"");
        foreach (var c in bytes)
        {
            text.Append(c switch
            {
                '\n' => "\\n",
                '\r' => "\\r",
                '\t' => "\\t",
                '\0' => "\\0",
                '\\' => "\\\\",
                '"' => "\\\"",
                < ' ' or > '~' => $"\\x{(int)c:x2}",
                _ => c.ToString(),
            });
        }

        return text.Append('"').ToString();
    }

    public static string Token(string bytes)
    {
        if (bytes.Length > LongRun && bytes.All(c => c == bytes[0]) && char.IsAsciiLetterOrDigit(bytes[0]))
            return $"@{bytes[0]}*{bytes.Length}";
        return bytes.Length > 0 && bytes[0] != '@' && bytes.All(c => c is > ' ' and <= '~' and not '"' and not '\\') ? bytes : Quote(bytes);
    }

    public static List<string> Split(string line)
    {
        var tokens = new List<string>();
        for (var at = 0; at < line.Length;)
        {
            if (line[at] == ' ')
            {
                at++;
                continue;
            }

            tokens.Add(line[at] == '"' ? Quoted(line, ref at) : Bare(line, ref at));
        }

        return tokens;
    }

    private static string Bare(string line, ref int at)
    {
        var start = at;
        while (at < line.Length && line[at] != ' ')
            at++;
        var word = line[start..at];
        return word.Length > 3 && word[0] == '@' && word[2] == '*'
            ? new string(word[1], int.Parse(word.AsSpan(3), CultureInfo.InvariantCulture))
            : word;
    }

    private static string Quoted(string line, ref int at)
    {
        var text = new StringBuilder();
        for (at++; line[at] != '"'; at++)
        {
            if (line[at] != '\\')
            {
                text.Append(line[at]);
                continue;
            }

            at++;
            text.Append(line[at] switch
            {
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                '0' => '\0',
                'x' => (char)int.Parse(line.AsSpan((at += 2) - 1, 2), NumberStyles.HexNumber, CultureInfo.InvariantCulture),
                var other => other,
            });
        }

        at++;
        return text.ToString();
    }
}
