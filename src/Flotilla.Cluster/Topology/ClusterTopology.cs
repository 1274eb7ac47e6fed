using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Flotilla.Cluster.Topology;

/// <summary>Which servers there are and what each is to clients, at one moment, as one node knows it. See docs/protocols/topology.md.</summary>
public sealed record ClusterTopology
{
    public required string Cluster { get; init; }

    /// <summary>The newest epoch that was begun; clients believe no topology of an older one than they have seen.</summary>
    public required ulong Epoch { get; init; }

    /// <summary>Grows with every change but heartbeats. Comparable between topologies of one node only.</summary>
    public required ulong Version { get; init; }

    /// <summary>Whether the node that says this belongs to the majority; without it all of this may be old.</summary>
    public required bool HasQuorum { get; init; }

    public bool IsPaused { get; init; }

    /// <summary>The way to the next primary, in words; null when none is looked for.</summary>
    public string? Plan { get; init; }

    /// <summary>By the clock of the node that says so.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>In the order of names.</summary>
    public required ImmutableArray<TopologyMember> Members { get; init; }

    /// <summary>The server that takes writes; null while there is none.</summary>
    [JsonIgnore]
    public TopologyMember? Primary => Members.FirstOrDefault(member => member.Role == TopologyRole.Primary && !member.IsAnnounced);

    /// <summary>Whether somebody who has seen that epoch and version learns something from this.</summary>
    public bool IsNewerThan(ulong epoch, ulong? version) => Epoch > epoch || (version is { } seen && Version > seen);
}
