using System.Text;
using Flotilla.JobServer.Core;

namespace Flotilla.JobServer.Tests.Stores;

/// <summary>A record that can be kept, compared and printed.</summary>
internal sealed record ModelRecord(StoredRecordKind Kind, ulong Id)
{
    public JobPriority Priority { get; init; }

    public int Attempts { get; init; }

    public long DueMs { get; init; }

    public string Function { get; init; } = "";

    public string Unique { get; init; } = "";

    public string Reducer { get; init; } = "";

    public string Schedule { get; init; } = "";

    public string Data { get; init; } = "";

    public static ModelRecord Job(ulong id, string data = "work") => new(StoredRecordKind.JobAdded, id) { Priority = JobPriority.Normal, Function = "reverse", Data = data };

    public static ModelRecord Removed(ulong id) => new(StoredRecordKind.JobRemoved, id);

    public static ModelRecord Of(in StoredRecord record) => new(record.Kind, record.Id.Value)
    {
        Priority = record.Priority,
        Attempts = record.Attempts,
        DueMs = record.DueMs,
        Function = Text(record.Function),
        Unique = Text(record.Unique),
        Reducer = Text(record.Reducer),
        Schedule = Text(record.Schedule),
        Data = Text(record.Data),
    };

    public void AddTo(JobStoreBatch batch) => batch.Add(batch.LastSequence + 1, new StoredRecord
    {
        Kind = Kind,
        Id = new JobId(Id),
        Priority = Priority,
        Attempts = Attempts,
        DueMs = DueMs,
        Function = Bytes(Function),
        Unique = Bytes(Unique),
        Reducer = Bytes(Reducer),
        Schedule = Bytes(Schedule),
        Data = Bytes(Data),
    });

    private static string Text(ReadOnlySpan<byte> bytes) => Encoding.Latin1.GetString(bytes);

    private static byte[] Bytes(string text) => Encoding.Latin1.GetBytes(text);
}
