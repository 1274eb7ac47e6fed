using System.Collections.Immutable;

namespace Flotilla.Cluster.Probe;

/// <summary>One writer at one moment; see <see cref="ProbeStatus"/>.</summary>
internal sealed record LedgerSnapshot
{
    public required long Acknowledged { get; init; }

    public required long Refused { get; init; }

    public required long Unknown { get; init; }

    public required int InLastSecond { get; init; }

    /// <summary>Null before the first acknowledgement.</summary>
    public required string? Server { get; init; }

    public required TimeSpan CurrentGap { get; init; }

    public required TimeSpan LongestGap { get; init; }

    public required ImmutableArray<ProbeOutage> Outages { get; init; }
}
