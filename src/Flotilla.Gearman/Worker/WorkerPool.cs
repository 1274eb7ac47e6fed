using Microsoft.Extensions.Logging;

namespace Flotilla.Gearman.Worker;

/// <summary>
/// What all connections of a worker share: the places for running jobs, and the queue of connections that want one. All members but
/// <see cref="Gate"/> are used under it.
/// </summary>
internal sealed class WorkerPool(GearmanWorkerOptions options, ILogger logger)
{
    private readonly Queue<WorkerSession> _waiting = new();
    private TaskCompletionSource? _quiet;
    private int _inUse;
    private int _running;

    /// <summary>Taken before a connection's own gate, never after it.</summary>
    public Lock Gate { get; } = new();

    public GearmanWorkerOptions Options { get; } = options;

    public ILogger Logger { get; } = logger;

    public bool IsDraining { get; set; }

    public long Completed { get; set; }

    public long Lost { get; private set; }

    /// <summary>Handlers under way, also those whose connection is gone.</summary>
    public int Running => _running;

    public bool TryReserve(WorkerLane lane)
    {
        if (_inUse >= Options.MaxConcurrency || !lane.HasRoom)
            return false;
        Reserve(lane);
        return true;
    }

    /// <summary>Takes a place whether or not there is one; for the one question that a sleeping connection must ask before it leaves.</summary>
    public void Reserve(WorkerLane lane)
    {
        _inUse++;
        lane.InUse++;
    }

    public void Release(WorkerLane lane)
    {
        _inUse--;
        lane.InUse--;
    }

    /// <summary>Queues a connection for the next free place, once.</summary>
    public void Wait(WorkerSession session)
    {
        if (session.IsWaiting)
            return;
        session.IsWaiting = true;
        _waiting.Enqueue(session);
    }

    /// <summary>Gives free places to those who wait longest, so that no server's jobs starve behind another's.</summary>
    /// <param name="flushing">A connection that its caller flushes; the others are flushed here.</param>
    public void ServeWaiting(WorkerSession? flushing)
    {
        for (var left = _waiting.Count; left > 0 && _inUse < Options.MaxConcurrency; left--)
        {
            var session = _waiting.Dequeue();
            session.IsWaiting = false;
            if (!session.Lane.HasRoom)
                Wait(session);
            else if (session.Pump() && !ReferenceEquals(session, flushing))
                session.Flush(inline: false);
        }
    }

    public void HandlerBegan() => _running++;

    public void HandlerEnded()
    {
        if (--_running == 0)
            _quiet?.TrySetResult();
    }

    /// <summary>Ends when no handler runs.</summary>
    public Task WhenQuiet()
    {
        lock (Gate)
        {
            if (_running == 0)
                return Task.CompletedTask;
            _quiet ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _quiet.Task;
        }
    }

    /// <summary>Counts, logs and reports a lost job; not under the gate.</summary>
    public void Report(JobLoss loss)
    {
        lock (Gate)
            Lost++;
        Log.JobLost(Logger, loss.Handle.Text ?? "", loss.Function, loss.Reason);
        try
        {
            Options.OnJobLost?.Invoke(loss);
        }
        catch (Exception failure)
        {
            Log.LossReportThrew(Logger, failure);
        }
    }
}
