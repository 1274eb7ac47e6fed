namespace Flotilla.JobServer.Core;

/// <summary>One event; the bytes are borrowed for the call. Times are zero where they mean nothing.</summary>
public readonly ref struct JobServerEvent
{
    public JobServerEventKind Kind { get; init; }

    public ConnectionId Connection { get; init; }

    public JobId Job { get; init; }

    public JobPriority Priority { get; init; }

    /// <summary>
    /// A dense number per function, for tables of per-function metrics. Stable while the function is there; the number of one that was
    /// dropped is given to a later one, so what is kept by number is checked against the name.
    /// </summary>
    public int FunctionIndex { get; init; }

    public ReadOnlySpan<byte> Function { get; init; }

    /// <summary>From runnable to started, for <see cref="JobServerEventKind.JobStarted"/>.</summary>
    public long WaitedMs { get; init; }

    /// <summary>From started to ended, for ends of jobs.</summary>
    public long RanMs { get; init; }

    /// <summary>For events of a job: nobody waits for it, or nobody did when it was submitted.</summary>
    public bool IsBackground { get; init; }

    /// <summary>For <see cref="JobServerEventKind.JobCompleted"/> the result, for <see cref="JobServerEventKind.JobFailed"/> the exception, if any.</summary>
    public ReadOnlySpan<byte> Result { get; init; }

    /// <summary>What was wrong, for a person; null where the kind says it all.</summary>
    public string? Detail { get; init; }
}
