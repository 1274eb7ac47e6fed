namespace Flotilla.Simulation.Groups;

/// <summary>What a line of a trace tells. The names, in lower case, are the words of the line format.</summary>
public enum TraceKind : byte
{
    /// <summary>A process began; <see cref="TraceEvent.Text"/> says after what.</summary>
    Start,

    /// <summary>A process ended: "kill", "power", "stop".</summary>
    Crash,

    /// <summary>A process stands still.</summary>
    Pause,

    /// <summary>It goes on.</summary>
    Resume,

    /// <summary>A node lost its disk and is another node when it returns.</summary>
    Wipe,

    /// <summary>A cluster view was installed.</summary>
    View,

    /// <summary>The lease of <see cref="TraceEvent.Epoch"/> is good until <see cref="TraceEvent.UntilNs"/> (on the trace's clock).</summary>
    Lease,

    /// <summary>The application was told that it may not act any more.</summary>
    Lost,

    /// <summary>This incarnation is out; another one follows in the same process.</summary>
    Evicted,

    /// <summary>This member wants out, in good order.</summary>
    Leaving,

    /// <summary>A ballot is promised, on disk here. Simulation only.</summary>
    Promised,

    /// <summary>A proposed view is accepted and on disk here. Simulation only.</summary>
    Accepted,

    /// <summary>The application sent a message.</summary>
    Send,

    /// <summary>A message reached the application.</summary>
    Deliver,

    /// <summary>A view of a group reached the application.</summary>
    GroupView,

    /// <summary>The application begins the state of a group.</summary>
    Create,

    /// <summary>The application must forget the state of a group.</summary>
    Reset,

    /// <summary>The application made a checkpoint.</summary>
    MakeCheckpoint,

    /// <summary>The application loaded a whole checkpoint.</summary>
    LoadCheckpoint,

    /// <summary>The application gave a command.</summary>
    Command,

    /// <summary>A command ended, or went on by one result.</summary>
    Outcome,

    /// <summary>Something was broken or mended on purpose.</summary>
    Fault,

    /// <summary>From here on nothing is broken for the processes in <see cref="TraceEvent.Text"/>.</summary>
    Heal,

    /// <summary>What may be demanded of this run: "calm" (nobody may be removed), "gap" (<see cref="TraceEvent.Number"/> ns), "drift" (clocks beyond the bound).</summary>
    Expect,

    /// <summary>A measure: what a process keeps in memory, and the bound for it.</summary>
    Gauge,

    /// <summary>A group's dictionary at a member, at the end: its hash.</summary>
    Dictionary,

    /// <summary>The tables that all nodes share, as of a position: their hash. Simulation only.</summary>
    Tables,

    /// <summary>What a node reported, for people.</summary>
    Told,

    /// <summary>The core found a state that cannot be.</summary>
    Defect,

    /// <summary>The run is over; nothing is missing before it.</summary>
    End,

    /// <summary>A witness, or a fence, lets the half of the votes that this process belongs to decide an epoch.</summary>
    Granted,

    /// <summary>An operator lets this process go on alone, without the votes of the others.</summary>
    Forced,
}
