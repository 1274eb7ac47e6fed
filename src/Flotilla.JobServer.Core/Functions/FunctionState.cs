using Flotilla.Primitives;

namespace Flotilla.JobServer.Core;

/// <summary>One function: its queues, its workers, its settings.</summary>
internal sealed class FunctionState(int index, byte[] name)
{
    public const int Priorities = 3;
    private readonly JobList[] _queues = [new(), new(), new()];
    private readonly int[] _waiting = new int[Priorities];
    private readonly int[] _delayed = new int[Priorities];
    private JobList _delayedList = new();
    private JobList _deadList = new();

    public int Index { get; } = index;

    public byte[] Name { get; } = name;

    /// <summary>Gone for everybody; only its last jobs are still being taken apart.</summary>
    public bool IsDropped { get; set; }

    /// <summary>True once somebody used it or created it; settings alone do not bring it into the classic lists.</summary>
    public bool IsListed { get; set; }

    public bool IsPaused { get; set; }

    public bool IsDraining { get; set; }

    public QueueLimits Limits { get; set; }

    public RetryPolicy Policy { get; set; } = new();

    public int Running { get; set; }

    public int Workers { get; set; }

    public long PayloadBytes { get; set; }

    /// <summary>Jobs that can be found by a unique key; spares a status query by unique the look into this function.</summary>
    public bool MayHaveUniques { get; set; }

    /// <summary>Abilities of workers that were asleep when last seen, in the order in which they are woken.</summary>
    public int SleepHead { get; set; } = WorkerAbilities.None;

    public int SleepTail { get; set; } = WorkerAbilities.None;

    /// <summary>Workers that were woken for this function and have not come for work yet.</summary>
    public int Woken { get; set; }

    public int Delayed => _delayedList.Count;

    public int DelayedHead => _delayedList.Head;

    public int Dead => _deadList.Count;

    public int DeadHead => _deadList.Head;

    /// <summary>Jobs that a worker could have now.</summary>
    public int Queued => _queues[0].Count + _queues[1].Count + _queues[2].Count;

    /// <summary>One bit per priority that has a job, bit 0 for high; nothing while paused.</summary>
    public byte ReadyMask => IsPaused
        ? (byte)0
        : (byte)((_queues[0].Count > 0 ? 1 : 0) | (_queues[1].Count > 0 ? 2 : 0) | (_queues[2].Count > 0 ? 4 : 0));

    /// <summary>Jobs that wait, for whatever reason, or run.</summary>
    public bool HasLiveJobs => _waiting[0] + _waiting[1] + _waiting[2] + Running > 0;

    public int QueuedAt(JobPriority priority) => _queues[(int)priority].Count;

    public int DelayedAt(JobPriority priority) => _delayed[(int)priority];

    /// <summary>What a queue limit counts: jobs of a priority that wait, for whatever reason, but for dead ones.</summary>
    public int WaitingAt(JobPriority priority) => _waiting[(int)priority];

    public int QueueHead(JobPriority priority) => _queues[(int)priority].Head;

    public void CountWaiting(JobPriority priority, int change)
    {
        _waiting[(int)priority] += change;
        Invariant.Require(_waiting[(int)priority] >= 0);
    }

    public void Enqueue(JobTable jobs, int job) => _queues[(int)jobs[job].Priority].Append(jobs, job);

    public void Dequeue(JobTable jobs, int job) => _queues[(int)jobs[job].Priority].Remove(jobs, job);

    public void AddDelayed(JobTable jobs, int job)
    {
        _delayedList.Append(jobs, job);
        _delayed[(int)jobs[job].Priority]++;
    }

    public void RemoveDelayed(JobTable jobs, int job)
    {
        _delayedList.Remove(jobs, job);
        _delayed[(int)jobs[job].Priority]--;
    }

    public void AddDead(JobTable jobs, int job) => _deadList.Append(jobs, job);

    public void RemoveDead(JobTable jobs, int job) => _deadList.Remove(jobs, job);
}
