using System.Text;

namespace Flotilla.JobServer.Core.Tests;

/// <summary>A stored record that outlives its call.</summary>
internal sealed record StoredCopy
{
    public StoredCopy(in StoredRecord record)
    {
        Kind = record.Kind;
        Id = record.Id.Value;
        Priority = record.Priority;
        Attempts = record.Attempts;
        DueMs = record.DueMs;
        Function = Encoding.Latin1.GetString(record.Function);
        Unique = Encoding.Latin1.GetString(record.Unique);
        Reducer = Encoding.Latin1.GetString(record.Reducer);
        Schedule = Encoding.Latin1.GetString(record.Schedule);
        Data = Encoding.Latin1.GetString(record.Data);
    }

    public StoredRecordKind Kind { get; }

    public ulong Id { get; }

    public JobPriority Priority { get; init; }

    public int Attempts { get; init; }

    public long DueMs { get; init; }

    public string Function { get; }

    public string Unique { get; }

    public string Reducer { get; }

    public string Schedule { get; }

    public string Data { get; }

    public StoredRecord ToRecord() => new()
    {
        Kind = Kind,
        Id = new JobId(Id),
        Priority = Priority,
        Attempts = Attempts,
        DueMs = DueMs,
        Function = Encoding.Latin1.GetBytes(Function),
        Unique = Encoding.Latin1.GetBytes(Unique),
        Reducer = Encoding.Latin1.GetBytes(Reducer),
        Schedule = Encoding.Latin1.GetBytes(Schedule),
        Data = Encoding.Latin1.GetBytes(Data),
    };
}
