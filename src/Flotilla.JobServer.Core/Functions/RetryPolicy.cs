namespace Flotilla.JobServer.Core;

/// <summary>
/// What happens to a function's jobs when an attempt does not end well. An attempt ends badly when its worker goes away, gives up the
/// function or takes too long, and, with <see cref="RetriesFailures"/>, when it fails.
/// </summary>
public sealed record RetryPolicy
{
    /// <summary>Attempts in all, the first included; 0 is without limit. Default 0.</summary>
    public int Attempts { get; init; }

    /// <summary>How long the first retry waits; doubles with each further attempt. Default 0: at once, at the tail of the queue.</summary>
    public long BackOffMs { get; init; }

    /// <summary>Longest wait between attempts. Default one hour.</summary>
    public long BackOffMsMax { get; init; } = 3_600_000;

    /// <summary>True when WORK_FAIL and WORK_EXCEPTION of a background job count as a lost attempt rather than as its end. Default false.</summary>
    public bool RetriesFailures { get; init; }

    /// <summary>True when background jobs that failed for good go to the dead-letter list. Default false: they are dropped.</summary>
    public bool KeepsDead { get; init; }

    /// <summary>How long the next attempt waits after <paramref name="attempts"/> were used up.</summary>
    public long DelayMsAfter(int attempts)
    {
        if (BackOffMs == 0)
            return 0;
        var doublings = Math.Min(attempts - 1, 40);
        return doublings >= 0 && BackOffMs <= BackOffMsMax >> doublings ? BackOffMs << doublings : BackOffMsMax;
    }
}
