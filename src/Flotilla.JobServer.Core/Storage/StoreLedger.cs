using Flotilla.Primitives;

namespace Flotilla.JobServer.Core;

/// <summary>
/// What the store was told and what it answered. A record that it refused is undone (an added job, an added schedule) or told again a
/// second later from the state of then, so that a store that comes back knows how things are.
/// </summary>
internal sealed class StoreLedger(MachineState state)
{
    /// <summary>Between a refusal and telling it again.</summary>
    private const long RetryAfterMs = 1000;

    /// <summary>Told again per attempt: a store that stays down costs no more than this per second.</summary>
    private const int RetriesPerAttempt = 10_000;
    private readonly Queue<LedgerEntry> _refused = new();
    private LedgerEntry[] _pending = new LedgerEntry[64];
    private int _first;
    private int _count;
    private long _retryAtMs = long.MaxValue;

    /// <summary>The last record that was answered for, one way or the other.</summary>
    public ulong AnsweredUpTo { get; private set; }

    public ulong LastSequence => AnsweredUpTo + (ulong)_count;

    public long NextMs => _refused.Count == 0 ? long.MaxValue : _retryAtMs;

    /// <summary>Stores a job's record; the answer makes it runnable, or undoes it.</summary>
    public ulong AddJob(int job, int connection)
    {
        ref var record = ref state.Jobs[job];
        var sequence = Next(new LedgerEntry { Kind = StoredRecordKind.JobAdded, Id = record.Id, Connection = connection });
        state.Effects.Store(sequence, new StoredRecord
        {
            Kind = StoredRecordKind.JobAdded,
            Id = new JobId(record.Id),
            Priority = record.Priority,
            Attempts = record.Attempts,
            DueMs = record.State is JobState.Storing ? record.SinceMs : 0,
            Function = state.Functions[record.Function].Name,
            Unique = state.Jobs.Unique(job),
            Reducer = state.Jobs.Reducer(job),
            Data = state.Jobs.Data(job),
        });
        return sequence;
    }

    public void RemoveJob(ulong id) => Tell(StoredRecordKind.JobRemoved, id);

    public void RetryJob(int job, long dueMs) => Store(
        new StoredRecord { Kind = StoredRecordKind.JobRetried, Id = new JobId(state.Jobs[job].Id), Attempts = state.Jobs[job].Attempts, DueMs = dueMs });

    public void BuryJob(int job) => Store(new StoredRecord
    {
        Kind = StoredRecordKind.JobBuried,
        Id = new JobId(state.Jobs[job].Id),
        Attempts = state.Jobs[job].Attempts,
        Data = JobLifecycle.DeathReason(state.Jobs[job].Has(JobFlags.DiedFailing)),
    });

    public ulong AddSchedule(Schedule schedule, int connection)
    {
        var sequence = Next(new LedgerEntry { Kind = StoredRecordKind.ScheduleAdded, Id = schedule.Id, Connection = connection });
        state.Effects.Store(sequence, new StoredRecord
        {
            Kind = StoredRecordKind.ScheduleAdded,
            Id = new JobId(schedule.Id),
            Priority = JobPriority.Normal,
            Function = schedule.Function,
            Unique = schedule.Unique,
            Schedule = schedule.Text,
            Data = schedule.Data,
        });
        return sequence;
    }

    public void FireSchedule(Schedule schedule)
        => Store(new StoredRecord { Kind = StoredRecordKind.ScheduleFired, Id = new JobId(schedule.Id), DueMs = schedule.LastMs });

    public void RemoveSchedule(ulong id) => Tell(StoredRecordKind.ScheduleRemoved, id);

    public void SetFunction(FunctionState function)
    {
        if (!state.Options.IsDurable)
            return;
        Span<byte> text = stackalloc byte[FunctionSettings.SizeBytesMax];
        var sequence = Next(new LedgerEntry { Kind = StoredRecordKind.FunctionSet, Function = function.Index, Connection = ConnectionState.None });
        state.Effects.Store(sequence, new StoredRecord
        {
            Kind = StoredRecordKind.FunctionSet,
            Function = function.Name,
            Data = FunctionSettings.Write(function, text),
        });
    }

    /// <summary>A function was dropped: an empty text takes its settings out of the store.</summary>
    public void ForgetFunction(FunctionState function)
    {
        if (!state.Options.IsDurable)
            return;
        var sequence = Next(new LedgerEntry { Kind = StoredRecordKind.FunctionSet, Function = function.Index, Connection = ConnectionState.None });
        state.Effects.Store(sequence, new StoredRecord { Kind = StoredRecordKind.FunctionSet, Function = function.Name });
    }

    /// <summary>The store made everything up to a record durable.</summary>
    public void Commit(ulong sequence)
    {
        Invariant.Require(sequence <= LastSequence);
        while (AnsweredUpTo < sequence)
        {
            var entry = Answer();
            if (entry.Kind == StoredRecordKind.JobAdded)
                state.Lifecycle.Stored(new JobId(entry.Id), AnsweredUpTo);
            else if (entry.Kind == StoredRecordKind.ScheduleAdded)
                state.Schedules.Stored(entry.Id);
            ReleaseSubmitter(entry);
        }

        state.Replies.ReleaseAlsoWaiting();
    }

    /// <summary>What is not durable up to a record never will be.</summary>
    public void Fail(ulong sequence, string reason)
    {
        Invariant.Require(sequence <= LastSequence);
        state.Replies.Fail(AnsweredUpTo + 1, sequence, reason);
        state.Effects.Report(new JobServerEvent { Kind = JobServerEventKind.StoreFailed, Connection = new ConnectionId(-1), FunctionIndex = -1, Detail = reason });
        while (AnsweredUpTo < sequence)
        {
            var entry = Answer();
            state.Counters.StoreFailures++;
            if (entry.Kind == StoredRecordKind.JobAdded)
                state.Lifecycle.NotStored(new JobId(entry.Id), AnsweredUpTo);
            else if (entry.Kind == StoredRecordKind.ScheduleAdded)
                state.Schedules.NotStored(entry.Id);
            else
                _refused.Enqueue(entry);
            ReleaseSubmitter(entry);
        }

        state.Replies.ReleaseAlsoWaiting();
        _retryAtMs = state.NowMs + RetryAfterMs;
    }

    /// <summary>Tells the store again what it refused, as things are by now.</summary>
    public void Retry()
    {
        if (state.NowMs < NextMs)
            return;
        _retryAtMs = state.NowMs + RetryAfterMs;
        for (var i = Math.Min(_refused.Count, RetriesPerAttempt); i > 0; i--)
            TellAgain(_refused.Dequeue());
    }

    private void TellAgain(in LedgerEntry entry)
    {
        var job = entry.Kind is StoredRecordKind.JobRetried or StoredRecordKind.JobBuried ? state.Jobs.Find(new JobId(entry.Id)) : JobTable.None;
        switch (entry.Kind)
        {
            case StoredRecordKind.JobRemoved or StoredRecordKind.ScheduleRemoved:
                Tell(entry.Kind, entry.Id);
                break;
            case StoredRecordKind.JobRetried or StoredRecordKind.JobBuried when job != JobTable.None:
                if (state.Jobs[job].State == JobState.Dead)
                    BuryJob(job);
                else
                    RetryJob(job, state.Jobs[job].State == JobState.Delayed ? state.Timers.DueMs(job) : 0);
                break;
            case StoredRecordKind.ScheduleFired when state.Schedules.Find(entry.Id) is { } schedule:
                FireSchedule(schedule);
                break;
            case StoredRecordKind.FunctionSet when state.Functions.At(entry.Function) is { IsDropped: false } function:
                SetFunction(function);
                break;
            default:
                break;
        }
    }

    private void Tell(StoredRecordKind kind, ulong id) => Store(new StoredRecord { Kind = kind, Id = new JobId(id) });

    private void Store(in StoredRecord record)
    {
        if (!state.Options.IsDurable)
            return;
        var sequence = Next(new LedgerEntry { Kind = record.Kind, Id = record.Id.Value, Connection = ConnectionState.None });
        state.Effects.Store(sequence, record);
    }

    private ulong Next(in LedgerEntry entry)
    {
        if (_count == _pending.Length)
            Grow();
        _pending[(_first + _count) & (_pending.Length - 1)] = entry;
        _count++;
        return LastSequence;
    }

    private LedgerEntry Answer()
    {
        var entry = _pending[_first];
        _first = (_first + 1) & (_pending.Length - 1);
        _count--;
        AnsweredUpTo++;
        return entry;
    }

    private void ReleaseSubmitter(in LedgerEntry entry)
    {
        if (entry.Connection >= 0 && state.Connections.Find(entry.Connection) is { } connection)
            state.Replies.Release(connection);
    }

    private void Grow()
    {
        var grown = new LedgerEntry[_pending.Length * 2];
        for (var i = 0; i < _count; i++)
            grown[i] = _pending[(_first + i) & (_pending.Length - 1)];
        _pending = grown;
        _first = 0;
    }
}
