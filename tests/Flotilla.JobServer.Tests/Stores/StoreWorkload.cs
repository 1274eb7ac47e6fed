using Flotilla.JobServer.Core;
using Flotilla.Primitives;

namespace Flotilla.JobServer.Tests.Stores;

/// <summary>Batches that a busy server might commit, from a seed.</summary>
internal sealed class StoreWorkload(SeededRandom random, int dataBytesMax = 60)
{
    private ulong _nextId = 1;

    public List<ModelRecord> NextBatch(StoreModel model, int recordsMax = 6)
    {
        var soFar = model.With([]);
        var batch = new List<ModelRecord>();
        for (var i = random.Next(recordsMax); i >= 0; i--)
        {
            var record = Next(soFar);
            soFar.Apply([record]);
            batch.Add(record);
        }

        return batch;
    }

    private ModelRecord Next(StoreModel model)
    {
        var jobs = model.Jobs.ToList();
        var schedules = model.Schedules.ToList();
        switch (random.Next(20))
        {
            case < 8 when jobs.Count < 40:
                return Added(StoredRecordKind.JobAdded);
            case < 14 when jobs.Count > 0:
                return ModelRecord.Removed(Pick(jobs));
            case 14 when jobs.Count > 0:
                return Changed(StoredRecordKind.JobBuried, Pick(jobs)) with { Data = Text("reason", 30) };
            case 15 when schedules.Count < 5:
                return Added(StoredRecordKind.ScheduleAdded) with { Schedule = "*/5 * * * 1" };
            case 16 when schedules.Count > 0:
                return Changed(StoredRecordKind.ScheduleFired, Pick(schedules));
            case 17 when schedules.Count > 0:
                return new ModelRecord(StoredRecordKind.ScheduleRemoved, Pick(schedules));
            case 18:
                return new ModelRecord(StoredRecordKind.FunctionSet, 0) { Function = Text("f", 1), Data = random.OneIn(4) ? "" : Text("attempts=3", 5) };
            case 19 when _nextId > 1:
                return Changed(random.OneIn(2) ? StoredRecordKind.JobRetried : StoredRecordKind.JobRemoved, (ulong)random.Next(1, (int)_nextId));
            default:
                return jobs.Count > 0 ? Changed(StoredRecordKind.JobRetried, Pick(jobs)) : Added(StoredRecordKind.JobAdded);
        }
    }

    private ModelRecord Added(StoredRecordKind kind)
    {
        _nextId += (ulong)random.Next(1, 4);
        return new ModelRecord(kind, _nextId - 1)
        {
            Priority = (JobPriority)random.Next(3),
            Attempts = random.Next(2),
            DueMs = random.OneIn(3) ? 1_700_000_000_000 + random.Next(1_000_000) : 0,
            Function = Text("f", 3),
            Unique = random.OneIn(2) ? "" : Text("u", 10),
            Reducer = random.OneIn(5) ? "reduce" : "",
            Data = random.OneIn(10) ? "" : Text("", random.OneIn(40) ? dataBytesMax * 100 : dataBytesMax),
        };
    }

    private ModelRecord Changed(StoredRecordKind kind, ulong id)
        => new(kind, id)
        {
            Attempts = kind is StoredRecordKind.JobRetried or StoredRecordKind.JobBuried ? random.Next(9) : 0,
            DueMs = kind is StoredRecordKind.JobRetried or StoredRecordKind.ScheduleFired ? 1_700_000_000_000 + random.Next(1_000_000) : 0,
        };

    private ulong Pick(List<ulong> ids) => ids[random.OneIn(2) ? 0 : random.Next(ids.Count)];

    private string Text(string start, int moreMax)
    {
        var more = new char[random.Next(moreMax + 1)];
        for (var i = 0; i < more.Length; i++)
            more[i] = (char)random.Next(256);
        return start + new string(more);
    }
}
