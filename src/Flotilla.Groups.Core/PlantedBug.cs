namespace Flotilla.Groups.Core;

/// <summary>See <see cref="Planted"/>. Each is asked for exactly once, where the rule it breaks is kept.</summary>
internal enum PlantedBug
{
    None,

    /// <summary>A promise leaves before it is flushed.</summary>
    SkipPromiseFlush,

    /// <summary>The cut is the least of the promised sequences.</summary>
    CutIsMinimum,

    /// <summary>Safe messages are delivered on receipt.</summary>
    DeliverSafeOnReceipt,

    /// <summary>Entries of a sealed epoch are taken and acknowledged after the promise.</summary>
    AcceptOldEpochAfterPromise,

    /// <summary>A node without its old disk counts as the voter it was.</summary>
    CountWipedVote,

    /// <summary>A view is installed with a majority of the old voters only.</summary>
    InstallWithoutJointMajority,

    /// <summary>The leases of those who are dropped are not waited for.</summary>
    IgnoreLeaseWait,

    /// <summary>A node that returns uses its old incarnation.</summary>
    ReuseIncarnation,

    /// <summary>A new proposer ignores a value that was accepted before.</summary>
    IgnoreAcceptedValue,

    /// <summary>An acceptance counts for whatever ballot is under way.</summary>
    CountAnyBallot,

    /// <summary>A member accepts a view without fetching what it lacks.</summary>
    AcceptWithoutEntries,

    /// <summary>Resubmitted messages are not recognised.</summary>
    ForgetDuplicates,

    /// <summary>An amnesiac voter counts like any other.</summary>
    CountAmnesiac,

    /// <summary>Durable messages are delivered when they are safe.</summary>
    DurableWhenWritten,

    /// <summary>A view keeps members that did not promise.</summary>
    KeepSilentMembers,

    /// <summary>A relay hands a frame to another relay.</summary>
    RelayLoops,

    /// <summary>A newcomer delivers messages of a group before it has the group's state.</summary>
    DeliverBeforeState,

    /// <summary>A lock's token is given twice.</summary>
    RepeatLockToken,

    /// <summary>A departed member's reply is waited for.</summary>
    ForgetDepartedReplies,

    /// <summary>The next donor repeats the first one's cut.</summary>
    DonorKeepsOldCut,

    /// <summary>Causal order is lost: a sender's submits overtake one another.</summary>
    SubmitsOvertake,

    /// <summary>A view change needs the majority of heads, not of weights.</summary>
    IgnoreWeights,

    /// <summary>Entries after the cut are not truncated.</summary>
    KeepEntriesAfterCut,

    /// <summary>What is fetched for a ballot after the promise is acknowledged to the old sequencer.</summary>
    AcknowledgeWhileSealed,
}
