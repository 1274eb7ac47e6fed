namespace Flotilla.Simulation.Groups;

/// <summary>What is due.</summary>
public enum WorldEventKind : byte
{
    None,
    Tick,

    /// <summary>Bytes of <see cref="WorldEvent.Other"/> arrive; Number is the connection.</summary>
    Arrive,

    /// <summary>A connection with <see cref="WorldEvent.Other"/> ended for this node; Number is the connection, the payload why.</summary>
    Down,

    /// <summary>A broken path lasted as long as a connection bears it.</summary>
    PathTimeout,

    /// <summary>Everybody who lacks a connection dials.</summary>
    Dial,
    Written,
    Flushed,
    DiskRetry,
    Work,

    /// <summary>The application does something it put off.</summary>
    Later,
    ClientFrame,
    ClientLeft,
    ClientWork,

    /// <summary>Bytes for a client; Number is its connection.</summary>
    ClientReceives,
    Start,
    Resume,
    Fault,
    Mend,
    Flap,
    Heal,
    Quiet,
    End,
}
