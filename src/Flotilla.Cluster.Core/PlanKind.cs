namespace Flotilla.Cluster.Core;

/// <summary>Why there is to be a primary.</summary>
public enum PlanKind
{
    /// <summary>There is none, and nobody is to blame: the first start, the end of an outage, a restart in place. The last primary is the best.</summary>
    Start,

    /// <summary>The last one is given up.</summary>
    Failover,

    /// <summary>A person wants another one.</summary>
    Switchover,
}
