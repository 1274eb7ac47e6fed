namespace Flotilla.JobServer.Core;

/// <summary>What a record in a job store says. The numbers are on disk: never reuse one.</summary>
public enum StoredRecordKind : byte
{
    None = 0,

    /// <summary>A background job was accepted: carries everything.</summary>
    JobAdded = 1,

    /// <summary>A job ended or was cancelled: nothing of it is needed any more.</summary>
    JobRemoved = 2,

    /// <summary>A job was lost by a worker, failed, or was dead, and waits for another attempt: carries attempts and due time.</summary>
    JobRetried = 3,

    /// <summary>A job used up its attempts and is kept in the dead-letter list: carries attempts and the reason (in <see cref="StoredRecord.Data"/>).</summary>
    JobBuried = 4,

    /// <summary>A recurring schedule was accepted: as a job, with its cron fields in <see cref="StoredRecord.Schedule"/>.</summary>
    ScheduleAdded = 5,

    /// <summary>A schedule fired: carries the time of its last firing in <see cref="StoredRecord.DueMs"/>.</summary>
    ScheduleFired = 6,

    /// <summary>A schedule was removed.</summary>
    ScheduleRemoved = 7,

    /// <summary>A function's settings (paused, limits, retry policy): <see cref="StoredRecord.Function"/>, text in <see cref="StoredRecord.Data"/>; empty when they are as new.</summary>
    FunctionSet = 8,
}
