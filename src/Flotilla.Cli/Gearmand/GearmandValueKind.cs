namespace Flotilla.Cli.Gearmand;

/// <summary>What gearmand takes as the value of an option.</summary>
internal enum GearmandValueKind
{
    /// <summary>The option has no value.</summary>
    Flag,

    /// <summary>Any text.</summary>
    Text,

    /// <summary>A signed number of 32 bits.</summary>
    Signed32,

    /// <summary>An unsigned number of 32 bits; a negative one of 32 bits wraps round, as it does in gearmand.</summary>
    Unsigned32,

    /// <summary>The same with 64 bits.</summary>
    Unsigned64,
}
