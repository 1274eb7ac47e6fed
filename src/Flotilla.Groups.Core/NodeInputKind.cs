namespace Flotilla.Groups.Core;

/// <summary>What happened to a node.</summary>
public enum NodeInputKind : byte
{
    /// <summary>A record read back at start, in the order it was persisted; before <see cref="Start"/>.</summary>
    Replayed = 1,

    /// <summary>Everything is read back: begin.</summary>
    Start,

    /// <summary>Time passes; at least every <see cref="NodeOptions.TickNs"/>.</summary>
    Tick,

    /// <summary>A connection to another node is ready for frames.</summary>
    PeerUp,

    /// <summary>It is gone; frames on the way may be lost.</summary>
    PeerDown,

    /// <summary>A frame from a directly connected node.</summary>
    Frame,

    /// <summary>All records to a ticket are written: they survive the end of the process.</summary>
    Written,

    /// <summary>All records to a ticket are flushed: they survive the end of the power.</summary>
    Flushed,

    /// <summary>Records from a ticket on could not be written or flushed.</summary>
    PersistFailed,

    /// <summary>The application wants something: <see cref="NodeInput.Command"/>.</summary>
    Command,

    /// <summary>The application sends a message to a group (the hot path).</summary>
    Send,

    /// <summary>A frame from an external client.</summary>
    ClientFrame,

    /// <summary>An external client connected.</summary>
    ClientUp,

    /// <summary>An external client is gone.</summary>
    ClientDown,

    /// <summary>Leave the cluster in good order; <see cref="INodeEffects.Stopped"/> says when.</summary>
    Stop,
}
