using Flotilla.JobServer.Core;

namespace Flotilla.JobServer.Stores;

/// <summary>Reports what a ledger says is alive, each thing in its latest state.</summary>
internal sealed class LedgerReplay(JobLedger ledger, RecordFetcher records, IJobStoreReplay replay)
{
    private const int ProgressEveryJobs = 65_536;

    /// <summary>Progress goes from half of <paramref name="totalBytes"/> to the whole.</summary>
    public void Run(long totalBytes, CancellationToken cancellationToken)
    {
        var schedules = new List<(ulong Id, RecordPlace Place)>();
        var done = 0L;
        foreach (var (id, place) in ledger.JobsInOrder())
        {
            if (++done % ProgressEveryJobs == 0)
            {
                cancellationToken.ThrowIfCancellationRequested();
                replay.OnProgress(totalBytes / 2 + totalBytes / 2 * done / ledger.JobCount, totalBytes);
            }

            var record = records.Fetch(place);
            if (record.Kind == StoredRecordKind.ScheduleAdded)
                schedules.Add((id, place));
            else if (ledger.TryGetUpdate(id, out var update))
                ReportChanged(place, update);
            else
                replay.OnRecord(record);
        }

        foreach (var (id, place) in schedules)
        {
            replay.OnRecord(records.Fetch(place));
            if (ledger.TryGetUpdate(id, out var update))
                replay.OnRecord(records.Fetch(update));
        }

        foreach (var place in ledger.Settings())
            replay.OnRecord(records.Fetch(place));
        replay.OnProgress(totalBytes, totalBytes);
    }

    private void ReportChanged(in RecordPlace place, in RecordPlace update)
    {
        var change = records.Fetch(update);
        var (kind, attempts, dueMs) = (change.Kind, change.Attempts, change.DueMs);
        var added = records.Fetch(place);
        replay.OnRecord(new StoredRecord
        {
            Kind = added.Kind,
            Id = added.Id,
            Priority = added.Priority,
            Attempts = attempts,
            DueMs = kind == StoredRecordKind.JobRetried ? dueMs : added.DueMs,
            Function = added.Function,
            Unique = added.Unique,
            Reducer = added.Reducer,
            Schedule = added.Schedule,
            Data = added.Data,
        });
        if (kind == StoredRecordKind.JobBuried)
            replay.OnRecord(records.Fetch(update));
    }
}
