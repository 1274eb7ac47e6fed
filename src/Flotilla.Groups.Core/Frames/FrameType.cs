namespace Flotilla.Groups.Core.Frames;

/// <summary>Frames between nodes. The numbers are on the wire.</summary>
public enum FrameType : byte
{
    None = 0,

    // Links: 1 to 15.
    Heartbeat = 1,
    Relay = 2,
    Goodbye = 3,

    // The log: 16 to 47.

    /// <summary>Messages for the sequencer.</summary>
    Submit = 16,

    /// <summary>The sequencer misses a member's submits from a number on.</summary>
    SubmitAsk = 17,

    /// <summary>Entries from the sequencer, commit points, clocks.</summary>
    Append = 18,

    /// <summary>What a member has, and its clock.</summary>
    Ack = 19,

    /// <summary>Asks for entries to complete a log for a view.</summary>
    Fetch = 20,

    /// <summary>Entries that were asked for.</summary>
    Entries = 21,

    /// <summary>Would you support a view change?</summary>
    Probe = 22,
    ProbeAnswer = 23,
    Prepare = 24,
    Promise = 25,

    /// <summary>A ballot is too low.</summary>
    Decline = 26,
    Accept = 27,
    Accepted = 28,

    /// <summary>A decided view.</summary>
    Install = 29,

    /// <summary>Asks for the newest decided view.</summary>
    ViewAsk = 30,

    /// <summary>A node that is in no view says that it is there, and wants in.</summary>
    Join = 31,

    /// <summary>That incarnation was used before.</summary>
    JoinRefused = 32,

    /// <summary>A member wants to leave.</summary>
    Leave = 33,

    /// <summary>A fresh node looks for the other founders.</summary>
    Found = 34,

    /// <summary>The group layer's: its first byte says which.</summary>
    Direct = 48,
}
