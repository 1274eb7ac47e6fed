namespace Flotilla.Simulation.Cluster;

/// <summary>What goes wrong.</summary>
public enum ClusterFaultKind
{
    /// <summary>SIGKILL of a server.</summary>
    KillServer,

    /// <summary>The same of whoever is primary.</summary>
    KillPrimary,

    /// <summary>SIGSTOP of a server, and SIGCONT later.</summary>
    HangServer,

    /// <summary>The same of whoever is primary.</summary>
    HangPrimary,

    /// <summary>SIGKILL of a node; its guard and its server stay.</summary>
    KillNode,

    /// <summary>The same of the node that coordinates.</summary>
    KillCoordinator,

    /// <summary>SIGSTOP of a node.</summary>
    PauseNode,

    /// <summary>A host and all on it.</summary>
    KillHost,

    /// <summary>The primary's host.</summary>
    KillPrimaryHost,

    /// <summary>Every host.</summary>
    KillAll,

    /// <summary>Every host, while the appliers are behind; the primary's stays away for long.</summary>
    KillAllPrimaryLate,

    /// <summary>A node, and the primary's host as soon as that node's server need not be asked any more.</summary>
    KillPrimaryAtTakeAway,

    /// <summary>The primary's host, and the next one's as soon as it is primary.</summary>
    KillPrimaryAtPromotion,

    /// <summary>A host's links to all others.</summary>
    Isolate,

    /// <summary>The links of the primary's host.</summary>
    IsolatePrimary,

    /// <summary>One link.</summary>
    CutLink,

    /// <summary>A link of the primary's host: only some see it.</summary>
    CutPrimaryLink,

    /// <summary>Somebody writes to a replica by hand.</summary>
    WriteByHand,

    /// <summary>A person wants another primary.</summary>
    Switchover,

    /// <summary>A person gives the primary up.</summary>
    Failover,

    /// <summary>Whatever is lost.</summary>
    ForcedFailover,

    /// <summary>People work on a server for a while.</summary>
    Maintenance,

    /// <summary>People stop all replicas for a while.</summary>
    StopReplicas,

    /// <summary>A server is filled anew.</summary>
    Provision,
}
