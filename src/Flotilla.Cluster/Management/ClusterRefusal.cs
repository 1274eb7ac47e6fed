namespace Flotilla.Cluster.Management;

/// <summary>Why something is refused.</summary>
public enum ClusterRefusal
{
    /// <summary>There is no such server.</summary>
    UnknownServer,

    /// <summary>It does not fit what is: another order is open, or the state has changed.</summary>
    Conflict,

    /// <summary>This node is cut off, or knows no state yet.</summary>
    NoQuorum,
}
