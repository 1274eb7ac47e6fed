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

    /// <summary>A node's own loop stands still; its group's thread goes on.</summary>
    HoldUpNode,

    /// <summary>The disk of a node's log is full: its process has to be replaced.</summary>
    NodeDiskFull,

    /// <summary>The disk of a node's log stands still for a while.</summary>
    NodeDiskStalls,

    /// <summary>A server's disk is full for a while.</summary>
    ServerDiskFull,

    /// <summary>The same of whoever is primary.</summary>
    PrimaryDiskFull,

    /// <summary>A host is suspended with all on it, and wakes up.</summary>
    SuspendHost,

    /// <summary>The same of the primary's.</summary>
    SuspendPrimaryHost,

    /// <summary>A host loses everything on its disks, and comes back empty.</summary>
    WipeHost,

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

    /// <summary>
    /// The primary's node, whose server goes on, and a person gives it up. A replica is slow; whoever told most loses the primary at once: what the slow one would still acknowledge, only that has.
    /// </summary>
    FailoverWhileAcknowledged,

    /// <summary>A host's links to all others.</summary>
    Isolate,

    /// <summary>The links of the primary's host.</summary>
    IsolatePrimary,

    /// <summary>Nobody hears a host any more.</summary>
    Mute,

    /// <summary>The same of the primary's.</summary>
    MutePrimary,

    /// <summary>A host hears nobody any more.</summary>
    Deafen,

    /// <summary>One direction of a link.</summary>
    CutOneWay,

    /// <summary>Much is lost everywhere, and comes late.</summary>
    Loss,

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
