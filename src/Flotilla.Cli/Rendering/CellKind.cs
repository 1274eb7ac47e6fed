namespace Flotilla.Cli.Rendering;

/// <summary>What a cell's value means, which decides how people see it; JSON always has the bare value.</summary>
internal enum CellKind
{
    Text,
    Count,
    Bytes,

    /// <summary>A length of time in milliseconds.</summary>
    DurationMs,

    /// <summary>A moment in milliseconds since 1970.</summary>
    TimeMs,

    /// <summary>Something per second.</summary>
    Rate,

    /// <summary>Shown as its name when true, otherwise as nothing.</summary>
    Flag,

    /// <summary>Several words.</summary>
    List,
}
