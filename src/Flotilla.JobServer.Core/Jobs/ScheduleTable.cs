using System.Text;
using Flotilla.Gearman.Protocol;

namespace Flotilla.JobServer.Core;

/// <summary>
/// Recurring schedules. A schedule of the same function and unique key replaces the one before, so that a program may submit its
/// schedules whenever it starts. Times that passed while the server was down are not made up for.
/// </summary>
internal sealed class ScheduleTable(MachineState state)
{
    /// <summary>Fired per step; more that are due wait for the next one, as jobs do.</summary>
    private const int FiringsPerStep = 1000;
    private readonly SortedDictionary<ulong, Schedule> _schedules = [];
    private readonly Dictionary<(string Function, string Unique), Schedule> _byKey = [];
    private readonly PriorityQueue<Schedule, (long NextMs, ulong Id)> _due = new();

    public int Count => _schedules.Count;

    /// <summary>Bytes of payload held.</summary>
    public long UsedBytes { get; private set; }

    public long NextMs
    {
        get
        {
            while (_due.TryPeek(out var schedule, out _) && schedule.IsRemoved)
                _due.Dequeue();
            return _due.TryPeek(out var next, out _) ? next.NextMs : long.MaxValue;
        }
    }

    /// <summary>In the order of their ids.</summary>
    public IEnumerable<Schedule> All => _schedules.Values;

    public Schedule? Find(ulong id) => _schedules.GetValueOrDefault(id);

    public void Submit(ConnectionState client, in Submission submission, CronSchedule times, byte[] text)
    {
        if (!state.Submissions.IsWellFormed(client, submission))
            return;
        if (_schedules.Count >= state.Options.SchedulesMax)
        {
            state.Replies.Error(client, ErrorCodes.QueueError, "Too many schedules"u8);
            return;
        }

        if (state.Submissions.IsOutOfMemory(submission))
        {
            state.Replies.Error(client, ErrorCodes.QueueError, "Job memory is full"u8);
            return;
        }

        var schedule = new Schedule(
            state.NewJobId().Value, submission.Function.ToArray(), submission.Unique.ToArray(), text, submission.Data.ToArray(), times);
        Keep(schedule);
        if (state.Options.IsDurable)
        {
            schedule.IsPending = true;
            state.Replies.JobCreatedWhenStored(client, schedule.Id, state.Ledger.AddSchedule(schedule, client.Slot), isOwnRecord: true);
            return;
        }

        Activate(schedule);
        state.Replies.JobCreated(client, schedule.Id);
    }

    public void Stored(ulong id)
    {
        if (Find(id) is not { IsPending: true } schedule)
            return;
        schedule.IsPending = false;
        Activate(schedule);
    }

    public void NotStored(ulong id)
    {
        if (Find(id) is { IsPending: true } schedule)
            Forget(schedule);
    }

    /// <summary>False when there is no such schedule.</summary>
    public bool Cancel(ulong id)
    {
        if (Find(id) is not { IsPending: false } schedule)
            return false;
        Remove(schedule);
        return true;
    }

    public void Fire()
    {
        for (var budget = FiringsPerStep; budget > 0 && NextMs <= state.NowMs; budget--)
        {
            var schedule = _due.Dequeue();
            schedule.LastMs = state.NowMs;
            schedule.NextMs = schedule.Times.NextAfter(state.NowMs);
            _due.Enqueue(schedule, (schedule.NextMs, schedule.Id));
            state.Ledger.FireSchedule(schedule);
            state.Counters.SchedulesFired++;
            var accepted = state.Submissions.SubmitUnattended(new Submission
            {
                Function = schedule.Function,
                Unique = schedule.Unique,
                Data = schedule.Data,
                Priority = JobPriority.Normal,
                IsBackground = true,
            });
            state.Effects.Report(new JobServerEvent
            {
                Kind = accepted ? JobServerEventKind.ScheduleFired : JobServerEventKind.JobRejected,
                Connection = new ConnectionId(ConnectionState.None),
                Job = new JobId(schedule.Id),
                Priority = JobPriority.Normal,
                FunctionIndex = state.Functions.Find(schedule.Function)?.Index ?? -1,
                Function = schedule.Function,
                Detail = accepted ? null : "scheduled job refused",
            });
        }
    }

    /// <summary>A record read back from the store.</summary>
    public void Restore(in StoredRecord record)
    {
        if (record.Kind == StoredRecordKind.ScheduleAdded && CronSchedule.TryParse(record.Schedule, out var times))
        {
            var schedule = new Schedule(
                record.Id.Value, record.Function.ToArray(), record.Unique.ToArray(), record.Schedule.ToArray(), record.Data.ToArray(), times!);
            Keep(schedule);
            schedule.LastMs = record.DueMs;
            Activate(schedule);
        }
        else if (Find(record.Id.Value) is { } known)
        {
            if (record.Kind == StoredRecordKind.ScheduleFired)
                known.LastMs = record.DueMs;
            else
                Forget(known);
        }
    }

    private void Activate(Schedule schedule)
    {
        if (JobTable.IsKey(schedule.Unique, default))
        {
            var key = KeyOf(schedule);
            if (_byKey.TryGetValue(key, out var replaced))
                Remove(replaced);
            _byKey[key] = schedule;
        }

        schedule.NextMs = schedule.Times.NextAfter(state.NowMs);
        _due.Enqueue(schedule, (schedule.NextMs, schedule.Id));
    }

    private static (string Function, string Unique) KeyOf(Schedule schedule)
        => (Encoding.Latin1.GetString(schedule.Function), Encoding.Latin1.GetString(schedule.Unique));

    private void Keep(Schedule schedule)
    {
        _schedules[schedule.Id] = schedule;
        UsedBytes += schedule.Data.Length;
    }

    private void Remove(Schedule schedule)
    {
        Forget(schedule);
        state.Ledger.RemoveSchedule(schedule.Id);
    }

    private void Forget(Schedule schedule)
    {
        schedule.IsRemoved = true;
        _schedules.Remove(schedule.Id);
        UsedBytes -= schedule.Data.Length;
        var key = KeyOf(schedule);
        if (_byKey.TryGetValue(key, out var current) && current == schedule)
            _byKey.Remove(key);
    }
}
