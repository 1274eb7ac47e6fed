using Flotilla.Primitives;

namespace Flotilla.JobServer.Core;

/// <summary>
/// When jobs become due or time out: a four-ary heap by time, then by job id so that equal times keep their order. Each record knows
/// its position, so a timer is taken out when its job ends, and nothing else ever walks over what is not due.
/// </summary>
internal sealed class JobTimers(JobTable jobs)
{
    private const int Arity = 4;
    private readonly ChunkedList<Entry> _heap = new();

    private readonly record struct Entry(long DueMs, int Job);

    public int Count => _heap.Count;

    /// <summary>The earliest time; <see cref="long.MaxValue"/> when there is none.</summary>
    public long NextMs => _heap.Count == 0 ? long.MaxValue : _heap[0].DueMs;

    public int NextJob => _heap[0].Job;

    public void Add(int job, long dueMs)
    {
        Invariant.Require(jobs[job].Timer == JobTable.None);
        _heap.Add(default);
        SiftUp(_heap.Count - 1, new Entry(dueMs, job));
    }

    /// <summary>Takes a job's timer out, if it has one.</summary>
    public void Remove(int job)
    {
        ref var record = ref jobs[job];
        if (record.Timer == JobTable.None)
            return;
        var hole = record.Timer;
        record.Timer = JobTable.None;
        var last = _heap[_heap.Count - 1];
        _heap.RemoveLast();
        if (hole == _heap.Count)
            return;
        if (hole > 0 && IsBefore(last, _heap[(hole - 1) / Arity]))
            SiftUp(hole, last);
        else
            SiftDown(hole, last);
    }

    public long DueMs(int job) => _heap[jobs[job].Timer].DueMs;

    private bool IsBefore(in Entry left, in Entry right)
        => left.DueMs != right.DueMs ? left.DueMs < right.DueMs : jobs[left.Job].Id < jobs[right.Job].Id;

    private void SiftUp(int hole, in Entry entry)
    {
        while (hole > 0)
        {
            var parent = (hole - 1) / Arity;
            if (!IsBefore(entry, _heap[parent]))
                break;
            Place(hole, _heap[parent]);
            hole = parent;
        }

        Place(hole, entry);
    }

    private void SiftDown(int hole, in Entry entry)
    {
        while (true)
        {
            var first = (hole * Arity) + 1;
            if (first >= _heap.Count)
                break;
            var least = first;
            var end = Math.Min(first + Arity, _heap.Count);
            for (var child = first + 1; child < end; child++)
            {
                if (IsBefore(_heap[child], _heap[least]))
                    least = child;
            }

            if (!IsBefore(_heap[least], entry))
                break;
            Place(hole, _heap[least]);
            hole = least;
        }

        Place(hole, entry);
    }

    private void Place(int position, in Entry entry)
    {
        _heap[position] = entry;
        jobs[entry.Job].Timer = position;
    }
}
