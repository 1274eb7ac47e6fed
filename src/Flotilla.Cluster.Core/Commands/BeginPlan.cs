using System.Collections.Immutable;

namespace Flotilla.Cluster.Core.Commands;

/// <summary>Begins a plan, instead of the one there may be.</summary>
public sealed record BeginPlan(ulong Plan, PlanKind Kind, ulong Epoch, string Cause) : ClusterCommand
{
    /// <summary>Whom a person wants to be primary.</summary>
    public ServerName? Candidate { get; init; }

    /// <summary>The order it carries out; 0 for none.</summary>
    public ulong Order { get; init; }

    /// <summary>See <see cref="Plan.Without"/>.</summary>
    public ImmutableArray<ServerName> Without { get; init; } = [];

    public bool IsForced { get; init; }
}
