using Flotilla.Cluster.Core;
using Flotilla.Cluster.Topology;

namespace Flotilla.Cluster.Management;

/// <summary>The cluster as people and programs manage it through one of its nodes. Thread-safe.</summary>
public interface IManagedCluster
{
    /// <summary>What is agreed, who is here, and what clients are told.</summary>
    TopologySource Topology { get; }

    /// <summary>Sends what a person wants to the group. Returns the state right after it was applied here.</summary>
    /// <exception cref="ClusterRefusedException">This node belongs to no majority, or the group did not take it in time.</exception>
    Task<ClusterState> SendAsync(ClusterCommand command, CancellationToken cancellationToken);

    /// <summary>What would be decided next if that were ordered, without ordering it.</summary>
    CoordinatorStep Plan(Order order);

    /// <summary>Why a server is as it is, and what would happen now if it died.</summary>
    /// <param name="server">One of the agreed state, or of this node's configuration; of any other null is answered.</param>
    ServerExplanation? Explain(ServerName server);
}
