using System.Collections.Immutable;
using Flotilla.Groups.Core.Frames;

namespace Flotilla.Groups.Core.Log;

/// <summary>What a view change is for: who goes, who comes, who stops voting; anything else follows from the promises.</summary>
internal sealed record ChangePlan
{
    public required string Why { get; init; }

    public ImmutableArray<MemberId> Go { get; init; } = [];

    public ImmutableArray<NodeCard> Join { get; init; } = [];

    public ImmutableArray<NodeId> Demote { get; init; } = [];

    /// <summary>The sequencer goes: others are asked first whether they think so.</summary>
    public bool NeedsProbe { get; init; }

    /// <summary>A first view: everybody must agree.</summary>
    public ImmutableArray<NodeCard> Founders { get; init; } = [];

    /// <summary>Nobody of the old view lives: from disks.</summary>
    public bool IsRecovery { get; init; }

    public bool IsGenesis => !Founders.IsEmpty;
}
