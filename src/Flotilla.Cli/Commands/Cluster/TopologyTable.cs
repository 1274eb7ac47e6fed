using System.Globalization;
using Flotilla.Cli.Rendering;
using Flotilla.Cluster.Topology;

namespace Flotilla.Cli.Commands.Cluster;

/// <summary>The servers of a cluster as rows, named as in the view <c>flotilla.members</c>.</summary>
internal static class TopologyTable
{
    public static Listing Of(ClusterTopology topology)
    {
        var listing = new Listing(
            new Column("Server", "server"),
            new Column("Host", "host"),
            new Column("Port", "port", CellKind.Count),
            new Column("Role", "role"),
            new Column("Status", "status"),
            new Column("Epoch", "epoch", CellKind.Count),
            new Column("Lag", "lag", CellKind.Count),
            new Column("Load", "load", CellKind.Count),
            new Column("Node", "node"),
            new Column("Site", "site") { InTable = topology.Members.Any(member => member.Site.Length > 0) },
            new Column("Maintenance", "maintenance", CellKind.Flag) { InTable = topology.Members.Any(member => member.IsInMaintenance) },
            new Column("Watched", "watched", CellKind.Flag) { InTable = topology.Members.Any(member => member.IsWatched) },
            new Column("Announced", "announced", CellKind.Flag) { InTable = topology.Members.Any(member => member.IsAnnounced) },
            new Column("Ttl", "ttl", CellKind.Count) { InTable = false },
            new Column("Last heartbeat", "lastHeartbeat") { InTable = false },
            new Column("Quorum", "quorum", CellKind.Flag) { InTable = false },
            new Column("Error", "error") { InTable = topology.Members.Any(member => member.Error.Length > 0) })
        {
            EmptyText = "no server is known yet",
        };
        foreach (var member in topology.Members)
        {
            listing.Add(
                member.Name, member.Host, (long)member.Port, Word(member.Role), Word(member.Status), (long)member.Epoch, (long?)member.LagSeconds, (long)member.Load, member.Node, member.Site,
                member.IsInMaintenance, member.IsWatched, member.IsAnnounced, (long)member.TtlSeconds, member.LastHeartbeat?.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture),
                topology.HasQuorum, member.Error);
        }

        return listing;
    }

    /// <summary>One line about the whole.</summary>
    public static string Headline(ClusterTopology topology)
    {
        var primary = topology.Primary is { } one ? $"primary {one.Name}" : "no primary";
        var paused = topology.IsPaused ? ", paused" : "";
        var cutOff = topology.HasQuorum ? "" : "; this node is cut off, all of this is old";
        var plan = topology.Plan is { } words ? $"; {words}" : "";
        return string.Create(CultureInfo.InvariantCulture, $"cluster {topology.Cluster}, epoch {topology.Epoch}, {primary}{paused}{cutOff}{plan}");
    }

    /// <summary>There is a majority and a primary, and every server that the cluster drives answers or is in maintenance.</summary>
    public static bool IsWell(ClusterTopology topology)
        => topology is { HasQuorum: true, Primary.Status: TopologyStatus.Up } && topology.Members.All(member => member.IsAnnounced || member.IsInMaintenance || member.Status == TopologyStatus.Up);

    private static string Word<T>(T word)
        where T : struct, Enum
        => word.ToString().ToLowerInvariant();
}
