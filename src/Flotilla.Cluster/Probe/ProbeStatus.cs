using System.Collections.Immutable;

namespace Flotilla.Cluster.Probe;

/// <summary>How the writing goes, at one moment.</summary>
public sealed record ProbeStatus
{
    /// <summary>Since the first write was sent.</summary>
    public required TimeSpan Elapsed { get; init; }

    /// <summary>Acknowledgements in the last second, of all writers.</summary>
    public required double WritesPerSecond { get; init; }

    public required long Acknowledged { get; init; }

    /// <summary>Writes that a server said it did not carry out.</summary>
    public required long Refused { get; init; }

    /// <summary>Writes that were sent and not answered: they may be there or not.</summary>
    public required long Unknown { get; init; }

    /// <summary>Servers that acknowledged the last write of each writer; one name when all use the same.</summary>
    public required ImmutableArray<string> Servers { get; init; }

    /// <summary>The longest time that a writer got nothing acknowledged; one that lasts counts as long as it has lasted.</summary>
    public required TimeSpan LongestGap { get; init; }

    /// <summary>The longest time since an acknowledgement.</summary>
    public required TimeSpan CurrentGap { get; init; }

    /// <summary>All that are over, oldest first.</summary>
    public required ImmutableArray<ProbeOutage> Outages { get; init; }

    /// <summary>Why the servers were not written to when they were last looked at, by their addresses: while there is no server to write to.</summary>
    public required ImmutableArray<KeyValuePair<string, string>> Answers { get; init; }
}
