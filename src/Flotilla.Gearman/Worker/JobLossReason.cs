namespace Flotilla.Gearman;

/// <summary>Why a worker could not deliver a job's result.</summary>
public enum JobLossReason
{
    /// <summary>The connection it came on ended; the server gives it to another worker.</summary>
    ConnectionLost,

    /// <summary>It was cancelled at the server, which said so.</summary>
    Cancelled,

    /// <summary>It took longer than its function may.</summary>
    TimedOut,

    /// <summary>The worker was stopped before it ended.</summary>
    WorkerStopped,

    /// <summary>The server did not want the result any more; it does not say of which job.</summary>
    ResultRefused,
}
