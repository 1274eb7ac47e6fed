namespace Flotilla.Cli.Gearmand;

/// <summary>One option that gearmand knows: its words, what its value may be, and what its help says.</summary>
/// <param name="Group">Heading in the help.</param>
/// <param name="Name">Long name without dashes.</param>
/// <param name="Letter">Short name, or none.</param>
/// <param name="Kind">What its value may be.</param>
/// <param name="Help">Text of the help.</param>
/// <param name="Default">Shown in the help and used when the option is not given; null for none.</param>
internal sealed record GearmandOption(
    string Group, string Name, char? Letter, GearmandValueKind Kind, string Help, string? Default = null)
{
    /// <summary>Accepted but not shown: what gearmand itself hides, and options of its backends that are gone.</summary>
    public bool IsHidden { get; init; }
}
