namespace Flotilla.Simulation.Exhaustive;

/// <summary>What can happen to one node.</summary>
internal enum LocalInputKind : byte
{
    /// <summary>The process begins, with what its disk holds.</summary>
    Start,

    /// <summary>A frame arrives: the peer, and the frame's number.</summary>
    Frame,

    /// <summary>A frame is lost on its way: the peer, and the frame's number. The node takes no input.</summary>
    Lost,

    /// <summary>A tick, after so many milliseconds.</summary>
    Tick,

    /// <summary>All records are written and flushed.</summary>
    Persisted,

    /// <summary>A connection to a life of a peer.</summary>
    PeerUp,

    /// <summary>The peer's process is gone.</summary>
    PeerDown,

    /// <summary>The application joins the group.</summary>
    Join,

    /// <summary>The application sends the message of that number.</summary>
    Send,

    /// <summary>The process is killed; so many records that were not written yet are on disk all the same.</summary>
    Crash,
}
