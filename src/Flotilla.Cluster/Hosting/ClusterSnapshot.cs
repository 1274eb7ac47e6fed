using System.Collections.Immutable;
using Flotilla.Cluster.Core;

namespace Flotilla.Cluster.Hosting;

/// <summary>What a node knows of its cluster, at one moment. Immutable.</summary>
public sealed record ClusterSnapshot
{
    /// <summary>Who knows it.</summary>
    public required NodeName Node { get; init; }

    /// <summary>Null before this node has it.</summary>
    public ClusterState? State { get; init; }

    /// <summary>Who is in the group, the coordinator first; nobody while this node may not act: then the state may be old.</summary>
    public NodeView View { get; init; } = NodeView.None;

    /// <summary>What the coordinator would do next, or why it does nothing, by what this node knows.</summary>
    public string Reason { get; init; } = "";

    /// <summary>What each server of this node waits for.</summary>
    public ImmutableSortedDictionary<ServerName, string> Servers { get; init; } = ImmutableSortedDictionary<ServerName, string>.Empty;

    /// <summary>The server that may be written, as far as this node knows; null when there is none, or while it is on its way.</summary>
    public ServerState? Primary
        => State is { IsEpochLive: true, Plan: null, Epoch: { } epoch } && State.Find(epoch.Primary) is { Report: { Status: ServerStatus.Up, IsReadOnly: false } } primary ? primary : null;

    /// <summary>A writable primary, and whoever else is well follows it.</summary>
    public bool IsFollowed
        => Primary is { } primary && State!.Servers.All(server => server.Name == primary.Name || server.IsInMaintenance || !View.Has(server.Node) || server.Report.Status != ServerStatus.Up
            || (server.Report.IsReceiving && server.Report.Source == primary.Name));

    /// <summary>A writable primary, commits that are acknowledged, and all others follow it.</summary>
    public bool IsHealthy
        => Primary is { } primary && State is { Epoch.Durability: Durability.Acknowledged }
            && State.Servers.All(server => server.Name == primary.Name || server.IsInMaintenance || server is { Report: { Status: ServerStatus.Up, IsReceiving: true, IsReadOnly: true } report } && report.Source == primary.Name);
}
