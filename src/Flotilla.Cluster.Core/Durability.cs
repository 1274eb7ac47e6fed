namespace Flotilla.Cluster.Core;

/// <summary>Whether commits of an epoch are acknowledged by a second server.</summary>
public enum Durability
{
    /// <summary>Every commit waits for one.</summary>
    Acknowledged,

    /// <summary>By decision none is waited for: only the primary has everything.</summary>
    Degraded,

    /// <summary>Commits wait again; it is not sure yet that a replica has what was committed before.</summary>
    Returning,
}
