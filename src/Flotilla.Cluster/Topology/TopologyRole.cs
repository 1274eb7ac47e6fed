namespace Flotilla.Cluster.Topology;

/// <summary>What a server is to its clients.</summary>
public enum TopologyRole
{
    /// <summary>Follows the primary, or is on its way to.</summary>
    Replica,

    /// <summary>Takes writes.</summary>
    Primary,

    /// <summary>Announced by itself, and belongs to nobody.</summary>
    Standalone,
}
