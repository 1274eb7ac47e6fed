namespace Flotilla.Cluster.Core;

/// <summary>See <see cref="Planted"/>. Each is asked for exactly once, where the rule it breaks is kept.</summary>
internal enum PlantedBug
{
    None,

    /// <summary>A lease is prolonged when the keep-alive is sent, not when it came back.</summary>
    LeaseFromSending,

    /// <summary>Half of the old lease is waited for.</summary>
    LeaseTooShort,

    /// <summary>A primary whose node is gone is taken for dead before anybody asked it.</summary>
    DeclareDeadUnasked,

    /// <summary>The old primary's end is not waited for.</summary>
    PromoteBeforeFence,

    /// <summary>The first witness that tells what it has is believed to have all.</summary>
    ChooseBeforeAllTold,

    /// <summary>An acker that is locked out need not be asked, whoever has what it acknowledged.</summary>
    TakeAwayAtOnce,

    /// <summary>Only the new ackers are asked after a failover, whatever they have.</summary>
    ForgetEldersAtOnce,

    /// <summary>A primary is writable before its guard has a deadline.</summary>
    WritableBeforeArmed,

    /// <summary>What a relay log may hold is not waited for.</summary>
    ForgetRelayLog,

    /// <summary>A witness tells what it has while it goes on to acknowledge.</summary>
    TellWhileReceiving,

    /// <summary>Every crash recovery is that of a replica.</summary>
    RecoverAlwaysAsReplica,

    /// <summary>The primary stops to wait when it sees no replica.</summary>
    DegradeUnrecorded,

    /// <summary>Replicas are let in before they are written down as ackers.</summary>
    UnlockBeforeWritten,

    /// <summary>A candidate is promoted with an unapplied relay log.</summary>
    PromoteUndrained,

    /// <summary>A switchover does not wait for the old primary to be read-only.</summary>
    SwitchOverWhileWritable,

    /// <summary>What a server has too much is taken away unsaved.</summary>
    SaveNothing,

    /// <summary>A server that comes back follows whatever it has.</summary>
    SkipComparison,

    /// <summary>A server that is only watched is started, ended and promoted like any other.</summary>
    DriveWatched,
}
