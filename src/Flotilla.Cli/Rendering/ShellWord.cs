namespace Flotilla.Cli.Rendering;

/// <summary>Texts in commands that people copy into a shell.</summary>
internal static class ShellWord
{
    /// <summary>In quotes where it needs them.</summary>
    public static string Of(string text)
        => text.Length > 0 && text.All(one => char.IsAsciiLetterOrDigit(one) || "/._-+:,@%=".Contains(one, StringComparison.Ordinal)) ? text : $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
