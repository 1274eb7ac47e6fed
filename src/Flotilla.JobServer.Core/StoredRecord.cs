namespace Flotilla.JobServer.Core;

/// <summary>
/// One record for, or from, a job store. Borrowed: a store copies what it keeps before it returns. Which fields a kind carries is
/// said at <see cref="StoredRecordKind"/>; every kind but <see cref="StoredRecordKind.FunctionSet"/> carries <see cref="Id"/>.
/// </summary>
public readonly ref struct StoredRecord
{
    public StoredRecordKind Kind { get; init; }

    public JobId Id { get; init; }

    public JobPriority Priority { get; init; }

    /// <summary>Attempts used up so far.</summary>
    public int Attempts { get; init; }

    /// <summary>Not to run before this time, in milliseconds since the Unix epoch; 0 is at once.</summary>
    public long DueMs { get; init; }

    public ReadOnlySpan<byte> Function { get; init; }

    /// <summary>Empty when the submitter gave none.</summary>
    public ReadOnlySpan<byte> Unique { get; init; }

    /// <summary>Empty when the job has no reducer.</summary>
    public ReadOnlySpan<byte> Reducer { get; init; }

    /// <summary>Five cron fields separated by blanks; empty for jobs.</summary>
    public ReadOnlySpan<byte> Schedule { get; init; }

    public ReadOnlySpan<byte> Data { get; init; }
}
