namespace Flotilla.Simulation.Groups;

/// <summary>What a plan may do to a world.</summary>
public enum FaultKind : byte
{
    /// <summary>A process ends; its machine does not.</summary>
    Kill,

    /// <summary>A machine loses its power.</summary>
    PowerFailure,

    /// <summary>A node leaves in good order and returns.</summary>
    Stop,

    /// <summary>A disk is lost; its node returns as another.</summary>
    Wipe,

    /// <summary>All processes end.</summary>
    KillAll,

    /// <summary>All machines lose their power.</summary>
    PowerFailureOfAll,

    /// <summary>The node that appends to the log ends.</summary>
    KillSequencer,

    /// <summary>A process stands still, shorter than anybody suspects.</summary>
    ShortPause,

    /// <summary>A process stands still for long.</summary>
    Pause,

    /// <summary>Two halves.</summary>
    Halves,

    /// <summary>One node alone.</summary>
    Isolate,

    /// <summary>One node hears nobody, or nobody hears it.</summary>
    OneWay,

    /// <summary>Two halves and one node both hear.</summary>
    Bridge,

    /// <summary>Everybody hears a majority, no two the same.</summary>
    MajoritiesRing,

    /// <summary>One pair.</summary>
    SingleLink,

    /// <summary>One direction of one pair.</summary>
    SingleDirection,

    /// <summary>One pair, on and off.</summary>
    Flapping,

    /// <summary>One direction delivers nothing for a while, then everything.</summary>
    Clog,

    /// <summary>One pair becomes slow.</summary>
    SlowLink,

    /// <summary>One pair carries little.</summary>
    ThinLink,

    /// <summary>All links lose frames.</summary>
    Loss,

    /// <summary>A connection is reset.</summary>
    Reset,

    /// <summary>A disk ends nothing for a while.</summary>
    DiskStall,

    /// <summary>A disk has no room.</summary>
    DiskFull,

    /// <summary>A flush fails.</summary>
    FlushFails,

    /// <summary>A clock runs at another rate, within the bound.</summary>
    ClockRate,

    /// <summary>A clock runs at another rate, far beyond the bound.</summary>
    ClockRateBeyondBound,

    /// <summary>A process gets its inputs late.</summary>
    SlowProcess,

    /// <summary>Storyline: a voter whose disk was lost is back, as another node, in the middle of a view change.</summary>
    WipedVoterReturns,

    /// <summary>Storyline: of the two that have a safe message one loses its power, the other is cut off.</summary>
    MajorityForgets,

    /// <summary>Storyline: a view is decided whose cut is before what one of its members took meanwhile.</summary>
    ShorterCutWins,

    /// <summary>Storyline: a voter loses its power right after a promise, between two proposers.</summary>
    PromiseForgotten,

    /// <summary>Storyline: entries arrive at members that promised to take no more.</summary>
    TailAfterSeal,

    /// <summary>Storyline: whoever had the last entries is lost as soon as they are decided.</summary>
    LastHolderLost,

    /// <summary>Storyline: all lose their power the moment a durable message is delivered.</summary>
    PowerFailsAtDelivery,

    /// <summary>Storyline: whoever gives a state away ends when a part of it has arrived.</summary>
    DonorLost,

    /// <summary>Storyline: members that promised fetch what the old sequencer sent, for a ballot that does not win, and hear the old sequencer again.</summary>
    FetchedAfterSeal,

    // From here on of special worlds only.

    /// <summary>A node runs a newer program for a while, which nobody else speaks with.</summary>
    NewerVersion,

    /// <summary>A frame of a type nobody knows, or with more fields than are known.</summary>
    UnknownFrame,

    /// <summary>A disk that nobody uses goes bad: its node refuses to start, and the operator wipes it.</summary>
    BitRot,

    /// <summary>A node of another cluster connects.</summary>
    ForeignNode,

    /// <summary>All disks but one are lost, and the operator lets the node that has it go on alone.</summary>
    ForceBootstrap,
}
