using System.Text;

namespace Flotilla.Cli.Gearmand;

/// <summary>The texts of <c>--help</c> and <c>--version</c>, in the shape of gearmand's.</summary>
internal static class GearmandHelp
{
    private const int TextColumn = 40;
    private const int Width = 80;

    /// <summary>The gearmand that this one is compatible with, then our own version: programs read the second word.</summary>
    public static string Version(string ownVersion) => $"2.0.0+flotilla.{ownVersion}";

    public static string VersionText(string ownVersion) => $"\ngearmand {Version(ownVersion)} - the job server of flotilla in gearmand's place\n";

    public static string HelpText()
    {
        var text = new StringBuilder("\nAllowed options:\n");
        string? group = null;
        foreach (var option in GearmandOptionTable.All)
        {
            if (option.IsHidden)
                continue;
            if (option.Group != group)
                text.Append('\n').Append(group = option.Group).Append(":\n");
            AppendOption(text, option);
        }

        return text.Append('\n').ToString();
    }

    private static void AppendOption(StringBuilder text, GearmandOption option)
    {
        var head = option.Letter is { } letter ? $"  -{letter} [ --{option.Name} ]" : $"  --{option.Name}";
        if (option.Kind != GearmandValueKind.Flag)
            head += option.Default is { } value ? $" arg (={value})" : " arg";
        if (head.Length >= TextColumn)
            text.Append(head).Append('\n').Append(' ', TextColumn);
        else
            text.Append(head.PadRight(TextColumn));
        var column = TextColumn;
        foreach (var word in option.Help.Split(' '))
        {
            if (column > TextColumn && column + 1 + word.Length > Width)
            {
                text.Append('\n').Append(' ', TextColumn);
                column = TextColumn;
            }
            else if (column > TextColumn)
            {
                text.Append(' ');
                column++;
            }

            text.Append(word);
            column += word.Length;
        }

        text.Append('\n');
    }
}
