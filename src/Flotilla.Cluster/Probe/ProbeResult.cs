using System.Collections.Immutable;

namespace Flotilla.Cluster.Probe;

/// <summary>What was written, against what is there.</summary>
public sealed record ProbeResult
{
    /// <summary>At most so many rows are named of each kind.</summary>
    public const int NamedMax = 20;

    /// <summary>As it was when the writing had ended.</summary>
    public required ProbeStatus Status { get; init; }

    /// <summary>Where the rows were read back.</summary>
    public required string Server { get; init; }

    /// <summary>Acknowledged, and not there, or not with the value that was written.</summary>
    public required long Lost { get; init; }

    /// <summary>Rows beyond the first of a write.</summary>
    public required long Duplicates { get; init; }

    /// <summary>Refused, or never sent, and there all the same.</summary>
    public required long Phantoms { get; init; }

    /// <summary>Of the writes without an answer, those that are there.</summary>
    public required long UnknownWritten { get; init; }

    /// <summary>The first of those lost.</summary>
    public required ImmutableArray<ProbeRow> LostRows { get; init; }

    /// <summary>Every row is as its writer was told.</summary>
    public bool IsRight => this is { Lost: 0, Duplicates: 0, Phantoms: 0 };
}
