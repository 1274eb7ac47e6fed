namespace Flotilla.JobServer.Core;

/// <summary>What happened since the machine was made.</summary>
public sealed record MachineCounters
{
    public long Submitted { get; internal set; }

    public long Coalesced { get; internal set; }

    public long Rejected { get; internal set; }

    public long Started { get; internal set; }

    public long Completed { get; internal set; }

    public long Failed { get; internal set; }

    public long Retried { get; internal set; }

    public long TimedOut { get; internal set; }

    public long Buried { get; internal set; }

    public long Cancelled { get; internal set; }

    public long Abandoned { get; internal set; }

    public long WorkersLost { get; internal set; }

    public long SchedulesFired { get; internal set; }

    /// <summary>NOOPs sent.</summary>
    public long WakeUps { get; internal set; }

    /// <summary>Records that the store refused.</summary>
    public long StoreFailures { get; internal set; }
}
