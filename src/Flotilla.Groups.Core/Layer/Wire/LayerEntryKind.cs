namespace Flotilla.Groups.Core.Layer;

/// <summary>What an entry of the log says to the group layer: its first byte.</summary>
internal enum LayerEntryKind : byte
{
    None = 0,
    Message = 1,
    Query = 2,
    Join = 3,
    Leave = 4,

    /// <summary>The sender has the group's state.</summary>
    Ready = 5,

    /// <summary>The sender finds nobody who has the state, and would begin it anew.</summary>
    Claim = 6,
    Flush = 7,
    Acquire = 8,
    Release = 9,

    /// <summary>Stop waiting for a lock, or give it back if it came meanwhile.</summary>
    CancelAcquire = 10,
    Write = 11,
    ClientMessage = 12,
    Discard = 13,

    /// <summary>The sender's application does not keep up: it leaves until it does, if others have the state.</summary>
    StepBack = 14,
}
