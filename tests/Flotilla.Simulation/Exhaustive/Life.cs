using System.Collections.Immutable;
using Flotilla.Groups.Core;

namespace Flotilla.Simulation.Exhaustive;

/// <summary>What one life of a node showed to its application.</summary>
internal sealed record Life(MemberId Id)
{
    public ImmutableArray<ClusterView> Views { get; init; } = [];

    public ImmutableArray<Delivered> Messages { get; init; } = [];

    /// <summary>Killed or evicted.</summary>
    public bool IsOver { get; init; }

    /// <summary>The epoch it may act for; 0 for none.</summary>
    public ulong LeaseEpoch { get; init; }

    public ClusterView? View => Views.IsEmpty ? null : Views[^1];

    /// <summary>Everything to here was delivered, or was in the state it began with.</summary>
    public ulong DeliveredTo
        => Math.Max(View?.StartSequence ?? 0, Messages.IsEmpty ? 0 : Messages[^1].Sequence);

    public bool Has(Delivered message) => Messages.Any(own => own.Sequence == message.Sequence && own.Message == message.Message);
}
