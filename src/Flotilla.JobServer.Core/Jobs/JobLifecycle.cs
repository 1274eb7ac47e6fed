using Flotilla.Primitives;

namespace Flotilla.JobServer.Core;

/// <summary>The ways of a job from submit to its end. Every change of a job's state is here.</summary>
internal sealed class JobLifecycle(MachineState state)
{
    private readonly ClientNotices _notices = new(state);

    public static ReadOnlySpan<byte> DeathReason(bool failed) => failed ? "failed"u8 : "attempts used up"u8;

    /// <summary>Takes in a new job, in no list yet; the caller goes on with <see cref="Admit"/> or <see cref="Hold"/>.</summary>
    public int Create(JobId id, FunctionState function, in Submission submission)
    {
        var job = state.Jobs.Add(id, function.Index, submission.Unique, submission.Reducer, submission.Data);
        ref var record = ref state.Jobs[job];
        record.Priority = submission.Priority;
        record.Flags = submission.IsBackground ? JobFlags.Background : JobFlags.None;
        record.CreatedMs = state.NowMs;
        record.SinceMs = submission.DueMs;
        function.PayloadBytes += record.DataLength;
        function.IsListed = true;
        return job;
    }

    /// <summary>A job the store has yet to answer for: counted, but neither acknowledged nor runnable.</summary>
    public ulong Hold(int job, int connection)
    {
        ref var record = ref state.Jobs[job];
        record.State = JobState.Storing;
        FunctionOf(job).CountWaiting(record.Priority, 1);
        return AddToStore(job, connection);
    }

    /// <summary>Makes a new job runnable, now or when it is due.</summary>
    public void Admit(int job)
    {
        FunctionOf(job).CountWaiting(state.Jobs[job].Priority, 1);
        state.Counters.Submitted++;
        state.Report(JobServerEventKind.JobSubmitted, job);
        EnqueueOrDelay(job, state.Jobs[job].SinceMs);
    }

    /// <summary>Makes a foreground job outlive its clients, because somebody submitted it again in the background.</summary>
    public void MakeBackground(int job, int connection)
    {
        ref var record = ref state.Jobs[job];
        record.Flags |= JobFlags.Background;
        if (state.Options.IsDurable)
            AddToStore(job, connection);
    }

    public void Stored(JobId id, ulong sequence)
    {
        var job = state.Jobs.Find(id);
        if (job == JobTable.None || !IsAnsweredBy(job, sequence))
            return;
        ref var record = ref state.Jobs[job];
        record.Flags &= ~JobFlags.StorePending;
        if (record.State != JobState.Storing)
            return;
        var function = FunctionOf(job);
        function.CountWaiting(record.Priority, -1);
        if (function.IsDropped)
        {
            _notices.Fail(job);
            Discard(job);
            state.Purges.RemoveIfEmpty(function);
            return;
        }

        Admit(job);
    }

    public void NotStored(JobId id, ulong sequence)
    {
        var job = state.Jobs.Find(id);
        if (job == JobTable.None || !IsAnsweredBy(job, sequence))
            return;
        ref var record = ref state.Jobs[job];
        record.Flags &= ~(JobFlags.StorePending | JobFlags.Stored);
        state.Counters.Rejected++;
        state.Report(JobServerEventKind.JobRejected, job, "not stored");
        if (record.State == JobState.Storing)
        {
            var function = FunctionOf(job);
            function.CountWaiting(record.Priority, -1);
            _notices.DetachAll(job);
            Free(job);
            state.Purges.RemoveIfEmpty(function);
            return;
        }

        record.Flags &= ~JobFlags.Background;
        AbandonIfUnwanted(job);
    }

    public void Start(int job, ConnectionState worker, int timeoutMs)
    {
        ref var record = ref state.Jobs[job];
        var function = FunctionOf(job);
        LeaveQueue(job, function);
        var waited = state.NowMs - record.SinceMs;
        record.State = JobState.Running;
        record.Worker = worker.Slot;
        record.SinceMs = state.NowMs;
        worker.AddRunning(state.Jobs, job);
        function.Running++;
        state.RunningJobs++;
        if (timeoutMs > 0)
            state.Timers.Add(job, state.NowMs + timeoutMs);
        state.Counters.Started++;
        state.Report(JobServerEventKind.JobStarted, job, waitedMs: waited);
    }

    /// <summary>The job's end by WORK_COMPLETE; its clients were told.</summary>
    public void Complete(int job, ReadOnlySpan<byte> result)
    {
        state.Counters.Completed++;
        var ran = state.NowMs - state.Jobs[job].SinceMs;
        state.Report(JobServerEventKind.JobCompleted, job, ranMs: ran, result: result);
        LeaveWorker(job);
        _notices.DetachAll(job);
        Discard(job);
    }

    /// <summary>Whether a failure of this job is to be hidden from its clients because it will be tried again.</summary>
    public bool RetriesFailure(int job)
    {
        ref var record = ref state.Jobs[job];
        var policy = FunctionOf(job).Policy;
        return record.Has(JobFlags.Background) && policy.RetriesFailures && !IsLastAttempt(ref record, policy);
    }

    /// <summary>An attempt ended with WORK_FAIL or WORK_EXCEPTION. Clients were told unless <see cref="RetriesFailure"/>.</summary>
    public void Fail(int job, ReadOnlySpan<byte> exception = default)
    {
        var retries = RetriesFailure(job);
        var ran = state.NowMs - state.Jobs[job].SinceMs;
        LeaveWorker(job);
        state.Jobs[job].Attempts++;
        if (retries)
        {
            Retry(job, "failed");
            return;
        }

        state.Jobs[job].Flags |= JobFlags.DiedFailing;
        state.Counters.Failed++;
        state.Report(JobServerEventKind.JobFailed, job, ranMs: ran, result: exception);
        BuryOrDiscard(job);
    }

    /// <summary>A running job's worker went away, gave the function up or took too long.</summary>
    public void Lose(int job, string why)
    {
        if (state.Jobs[job].State == JobState.Cancelled)
        {
            ReleaseCancelled(job);
            return;
        }

        LeaveWorker(job);
        ref var record = ref state.Jobs[job];
        if (!record.Has(JobFlags.Background) && record.FirstLink == ClientLinks.None)
        {
            Abandon(job);
            return;
        }

        if (state.IsStopping)
        {
            FunctionOf(job).CountWaiting(record.Priority, 1);
            Enqueue(job);
            return;
        }

        var last = IsLastAttempt(ref record, FunctionOf(job).Policy);
        record.Attempts++;
        if (!last)
        {
            Retry(job, why);
            return;
        }

        state.Counters.Failed++;
        state.Report(JobServerEventKind.JobFailed, job, why);
        _notices.Fail(job);
        BuryOrDiscard(job);
    }

    /// <summary>Ends a job at an administrator's word. False while the store has not answered for it: nobody was told its handle.</summary>
    public bool Cancel(int job)
    {
        ref var record = ref state.Jobs[job];
        if (record.State is JobState.Storing or JobState.Cancelled)
            return false;
        state.Counters.Cancelled++;
        state.Report(JobServerEventKind.JobCancelled, job);
        _notices.Fail(job);
        if (record.State != JobState.Running)
        {
            LeaveWaiting(job);
            Discard(job);
            return true;
        }

        _notices.TellWorker(job);
        if (record.Has(JobFlags.Stored))
            state.Ledger.RemoveJob(record.Id);
        state.Timers.Remove(job);
        state.Jobs.ForgetId(job);
        state.Jobs.Unindex(job);
        FunctionOf(job).Running--;
        state.RunningJobs--;
        state.Connections[record.Worker].CancelledCount++;
        record.State = JobState.Cancelled;
        return true;
    }

    /// <summary>The worker of a cancelled job let go of it.</summary>
    public void ReleaseCancelled(int job)
    {
        var worker = state.Connections[state.Jobs[job].Worker];
        worker.RemoveRunning(state.Jobs, job);
        worker.CancelledCount--;
        Free(job);
    }

    /// <summary>A client of a job went away: a foreground job that waits for nobody is dropped at once, a running one runs on.</summary>
    public void AbandonIfUnwanted(int job)
    {
        ref var record = ref state.Jobs[job];
        if (record.Has(JobFlags.Background) || record.FirstLink != ClientLinks.None || record.State is not (JobState.Queued or JobState.Delayed))
            return;
        LeaveWaiting(job);
        Abandon(job);
    }

    /// <summary>Handles what is due: delayed jobs become runnable, overdue ones are taken from their workers.</summary>
    public void RunTimers(int budget)
    {
        while (budget-- > 0 && state.Timers.NextMs <= state.NowMs)
        {
            var job = state.Timers.NextJob;
            if (state.Jobs[job].State == JobState.Running)
            {
                state.Counters.TimedOut++;
                state.Report(JobServerEventKind.JobTimedOut, job, ranMs: state.NowMs - state.Jobs[job].SinceMs);
                Lose(job, "timed out");
                continue;
            }

            Invariant.Require(state.Jobs[job].State == JobState.Delayed);
            state.Timers.Remove(job);
            FunctionOf(job).RemoveDelayed(state.Jobs, job);
            Enqueue(job);
        }
    }

    /// <summary>Gives a dead job its attempts back.</summary>
    public void Revive(int job)
    {
        ref var record = ref state.Jobs[job];
        var function = FunctionOf(job);
        function.RemoveDead(state.Jobs, job);
        state.DeadJobs--;
        record.Attempts = 0;
        record.Flags &= ~JobFlags.DiedFailing;
        if (record.Has(JobFlags.Stored))
            state.Ledger.RetryJob(job, 0);
        IndexNew(job, function);
        function.CountWaiting(record.Priority, 1);
        Enqueue(job);
    }

    /// <summary>Drops a job that waits or is dead, telling its clients that it failed.</summary>
    public void Drop(int job)
    {
        _notices.Fail(job);
        LeaveWaiting(job);
        Discard(job);
    }

    /// <summary>A job read back from the store: as it was, without telling anybody.</summary>
    public void Restore(in StoredRecord record, FunctionState function)
    {
        var job = Create(record.Id, function, new Submission
        {
            Unique = record.Unique,
            Reducer = record.Reducer,
            Data = record.Data,
            Priority = record.Priority,
            IsBackground = true,
            DueMs = record.DueMs,
        });
        ref var restored = ref state.Jobs[job];
        restored.Flags |= JobFlags.Stored;
        restored.Attempts = record.Attempts;
        IndexNew(job, function);
        function.CountWaiting(restored.Priority, 1);
        EnqueueOrDelay(job, record.DueMs);
    }

    /// <summary>A waiting job that the store says is dead, or waits for another attempt.</summary>
    public void RestoreChange(int job, in StoredRecord record)
    {
        LeaveWaiting(job);
        state.Jobs[job].Attempts = record.Attempts;
        if (record.Kind == StoredRecordKind.JobBuried)
        {
            if (record.Data.SequenceEqual(DeathReason(failed: true)))
                state.Jobs[job].Flags |= JobFlags.DiedFailing;
            LayDown(job);
            return;
        }

        state.Jobs[job].Flags &= ~JobFlags.DiedFailing;
        IndexNew(job, FunctionOf(job));
        FunctionOf(job).CountWaiting(state.Jobs[job].Priority, 1);
        EnqueueOrDelay(job, record.DueMs);
    }

    /// <summary>Forgets a waiting or dead job without a word.</summary>
    public void RestoreRemoval(int job)
    {
        LeaveWaiting(job);
        Free(job);
    }

    public void IndexNew(int job, FunctionState function)
    {
        state.Jobs.Index(job);
        function.MayHaveUniques |= state.Jobs[job].Has(JobFlags.Indexed);
    }

    private static bool IsLastAttempt(ref JobRecord record, RetryPolicy policy) => policy.Attempts > 0 && record.Attempts + 1 >= policy.Attempts;

    private FunctionState FunctionOf(int job) => state.Functions[state.Jobs[job].Function];

    private bool IsAnsweredBy(int job, ulong sequence)
        => state.Jobs[job].Has(JobFlags.StorePending) && state.Jobs[job].StoreSequence == sequence;

    private ulong AddToStore(int job, int connection)
    {
        ref var record = ref state.Jobs[job];
        record.Flags |= JobFlags.Stored | JobFlags.StorePending;
        record.StoreSequence = state.Ledger.LastSequence + 1;
        return state.Ledger.AddJob(job, connection);
    }

    private void EnqueueOrDelay(int job, long dueMs)
    {
        if (dueMs <= state.NowMs)
        {
            Enqueue(job);
            return;
        }

        ref var record = ref state.Jobs[job];
        record.State = JobState.Delayed;
        record.SinceMs = dueMs;
        FunctionOf(job).AddDelayed(state.Jobs, job);
        state.Timers.Add(job, dueMs);
    }

    private void Enqueue(int job)
    {
        ref var record = ref state.Jobs[job];
        var function = FunctionOf(job);
        record.State = JobState.Queued;
        record.SinceMs = state.NowMs;
        function.Enqueue(state.Jobs, job);
        state.Functions.UpdateReady(function);
        state.WakeUps.Wake(function);
    }

    private void LeaveQueue(int job, FunctionState function)
    {
        function.Dequeue(state.Jobs, job);
        function.CountWaiting(state.Jobs[job].Priority, -1);
        state.Functions.UpdateReady(function);
    }

    /// <summary>Takes a job out of the list it waits or lies in.</summary>
    private void LeaveWaiting(int job)
    {
        var function = FunctionOf(job);
        switch (state.Jobs[job].State)
        {
            case JobState.Queued:
                LeaveQueue(job, function);
                break;
            case JobState.Delayed:
                state.Timers.Remove(job);
                function.RemoveDelayed(state.Jobs, job);
                function.CountWaiting(state.Jobs[job].Priority, -1);
                break;
            case JobState.Dead:
                function.RemoveDead(state.Jobs, job);
                state.DeadJobs--;
                break;
            default:
                Invariant.Require(false, "a job that waits or is dead");
                break;
        }
    }

    private void LeaveWorker(int job)
    {
        ref var record = ref state.Jobs[job];
        state.Timers.Remove(job);
        state.Connections[record.Worker].RemoveRunning(state.Jobs, job);
        record.Worker = ConnectionState.None;
        FunctionOf(job).Running--;
        state.RunningJobs--;
    }

    private void Retry(int job, string why)
    {
        ref var record = ref state.Jobs[job];
        record.Numerator = 0;
        record.Denominator = 0;
        var delay = FunctionOf(job).Policy.DelayMsAfter(record.Attempts);
        var due = delay == 0 ? 0 : state.NowMs + delay;
        if (record.Has(JobFlags.Stored))
            state.Ledger.RetryJob(job, due);
        state.Counters.Retried++;
        state.Report(JobServerEventKind.JobRetried, job, why);
        FunctionOf(job).CountWaiting(record.Priority, 1);
        EnqueueOrDelay(job, due);
    }

    private void BuryOrDiscard(int job)
    {
        _notices.DetachAll(job);
        ref var record = ref state.Jobs[job];
        var function = FunctionOf(job);
        if (!record.Has(JobFlags.Background) || !function.Policy.KeepsDead)
        {
            Discard(job);
            return;
        }

        if (record.Has(JobFlags.Stored))
            state.Ledger.BuryJob(job);
        state.Counters.Buried++;
        state.Report(JobServerEventKind.JobBuried, job);
        LayDown(job);
        if (function.Dead > state.Options.DeadJobsPerFunctionMax)
            Drop(function.DeadHead);
    }

    private void LayDown(int job)
    {
        ref var record = ref state.Jobs[job];
        record.State = JobState.Dead;
        record.SinceMs = state.NowMs;
        state.Jobs.Unindex(job);
        FunctionOf(job).AddDead(state.Jobs, job);
        state.DeadJobs++;
    }

    private void Abandon(int job)
    {
        state.Counters.Abandoned++;
        state.Report(JobServerEventKind.JobAbandoned, job);
        Discard(job);
    }

    private void Discard(int job)
    {
        if (state.Jobs[job].Has(JobFlags.Stored))
            state.Ledger.RemoveJob(state.Jobs[job].Id);
        Free(job);
    }

    private void Free(int job)
    {
        FunctionOf(job).PayloadBytes -= state.Jobs[job].DataLength;
        state.Jobs.Remove(job);
    }
}
