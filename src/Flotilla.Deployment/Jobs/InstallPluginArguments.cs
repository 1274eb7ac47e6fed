namespace Flotilla.Deployment;

/// <summary>Arguments of <c>install_plugin</c>.</summary>
public sealed record InstallPluginArguments : IJobArguments
{
    public required string Name { get; init; }

    /// <summary>The library's file name with or without <c>.so</c>; it must be in the server's own plugin folder.</summary>
    public required string Soname { get; init; }

    /// <summary>MySQL wants the plugin's name besides; MariaDB takes all plugins of the library.</summary>
    public string? Plugin { get; init; }

    string IJobArguments.Subject => Name;

    IEnumerable<string> IJobArguments.Problems()
    {
        if (!BareName.IsSandbox(Name))
            yield return "name must be letters, digits, '.', '-' and '_', up to 64";
        if (!IsWord(Soname))
            yield return "soname must be a bare file name of letters, digits and '_', with or without .so";
        if (Plugin is not null && !IsWord(Plugin))
            yield return "plugin must be letters, digits and '_'";
    }

    private static bool IsWord(string text)
    {
        var word = text.EndsWith(".so", StringComparison.Ordinal) ? text[..^3] : text;
        return word.Length is > 0 and <= 64 && word.All(c => char.IsAsciiLetterOrDigit(c) || c == '_');
    }
}
