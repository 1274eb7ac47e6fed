namespace Flotilla.JobServer.Core;

/// <summary>What happened; the machine's own counters cover the rest.</summary>
public enum JobServerEventKind
{
    JobSubmitted,
    JobCoalesced,
    JobStarted,
    JobCompleted,
    JobFailed,
    JobRetried,
    JobTimedOut,
    JobBuried,
    JobCancelled,
    JobAbandoned,
    JobRejected,
    WorkerLost,
    QueueOverLimit,
    ScheduleFired,
    StoreFailed,
    ProtocolViolation,
    AccessDenied,
}
