using System.Buffers;
using Flotilla.Cluster.Topology;
using Flotilla.JobServer.Telemetry;

namespace Flotilla.Node.Management;

/// <summary>What <c>/metrics</c> says of the cluster, as this node knows it.</summary>
internal static class ClusterMetrics
{
    private const string Server = "server";

    public static void Write(IBufferWriter<byte> output, TopologySource source)
    {
        var writer = new PrometheusWriter(output);
        var topology = source.Current;
        var driven = topology.Members.Where(member => !member.IsAnnounced).ToList();
        Gauge(writer, "flotilla_cluster_quorum", "1 while this node belongs to the majority; without it all else of the cluster may be old.", topology.HasQuorum ? 1 : 0);
        Gauge(writer, "flotilla_cluster_epoch", "Number of the newest epoch that was begun: it grows with every failover and switchover.", (long)topology.Epoch);
        Gauge(writer, "flotilla_cluster_paused", "1 while nothing is decided but what people order.", topology.IsPaused ? 1 : 0);
        Gauge(writer, "flotilla_cluster_decisions", "Decisions in all, as numbered in the history.", (long)source.State.LastDecision);
        var killed = source.State.Epoch?.Unacknowledged;
        Gauge(writer, "flotilla_cluster_unacknowledged_commits", "Commits of this epoch that were killed while they waited for their acknowledgement, with others of their groups.", killed?.Commits ?? 0);
        Gauge(writer, "flotilla_cluster_unacknowledged", "1 while no replica is known to have all of them.", killed?.Position is null ? 0 : 1);
        PerServer(writer, "flotilla_cluster_server_primary", "1 of the server that takes writes.", driven, member => member.Role == TopologyRole.Primary ? 1 : 0);
        PerServer(writer, "flotilla_cluster_server_up", "1 of a server that answers.", driven, member => member.Status == TopologyStatus.Up ? 1 : 0);
        PerServer(writer, "flotilla_cluster_server_maintenance", "1 of a server in maintenance.", driven, member => member.IsInMaintenance ? 1 : 0);
        PerServer(writer, "flotilla_cluster_server_lag_seconds", "Seconds behind the primary, where that is known.", driven, member => member.LagSeconds);
        PerServer(writer, "flotilla_cluster_server_threads", "Threads that run in the server.", driven, member => member.Load);
    }

    private static void Gauge(PrometheusWriter writer, string metric, string help, long value)
    {
        writer.Begin(metric, "gauge", help);
        writer.Sample(value);
    }

    private static void PerServer(PrometheusWriter writer, string metric, string help, List<TopologyMember> members, Func<TopologyMember, long?> value)
    {
        writer.Begin(metric, "gauge", help);
        foreach (var member in members)
        {
            if (value(member) is { } known)
                writer.Sample(known, Server, member.Name);
        }
    }
}
