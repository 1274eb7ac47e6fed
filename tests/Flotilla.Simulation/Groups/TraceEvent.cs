using Flotilla.Groups.Core;

namespace Flotilla.Simulation.Groups;

/// <summary>One line of the global event log. Which fields count depends on <see cref="Kind"/>; the others are left out of the line.</summary>
public readonly record struct TraceEvent
{
    /// <summary>On one clock for all processes.</summary>
    public required long AtNs { get; init; }

    /// <summary>Which process; -1 for the world.</summary>
    public required int Process { get; init; }

    public required TraceKind Kind { get; init; }

    /// <summary>Start, View, Evicted, Promised, Accepted, Granted: this process's own id. Deliver: the sender. Outcome: who answered.</summary>
    public MemberId Member { get; init; }

    public ulong Epoch { get; init; }

    /// <summary>Promised, Accepted: of which attempt to decide a view.</summary>
    public Ballot Ballot { get; init; }

    public ulong Sequence { get; init; }

    public string? Group { get; init; }

    /// <summary>The message: drawn by its sender, never twice.</summary>
    public ulong Message { get; init; }

    /// <summary>The application's state after it. Accepted, View: all that is decided with the view.</summary>
    public ulong Hash { get; init; }

    public ulong Number { get; init; }

    public ulong Token { get; init; }

    public long UntilNs { get; init; }

    public Delivery Delivery { get; init; }

    public TraceOperation Operation { get; init; }

    public CommandResult Result { get; init; }

    /// <summary>Read back from disk by a process that begins.</summary>
    public bool IsReplay { get; init; }

    public string? Text { get; init; }

    public ClusterView? View { get; init; }
}
