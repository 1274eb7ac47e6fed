namespace Flotilla.JobServer.Core;

/// <summary>A list of jobs linked through their records, first in first out.</summary>
internal struct JobList()
{
    public int Head = JobTable.None;
    public int Tail = JobTable.None;
    public int Count;

    public void Append(JobTable jobs, int job)
    {
        ref var record = ref jobs[job];
        record.Next = JobTable.None;
        record.Previous = Tail;
        if (Tail == JobTable.None)
            Head = job;
        else
            jobs[Tail].Next = job;
        Tail = job;
        Count++;
    }

    public void Remove(JobTable jobs, int job)
    {
        ref var record = ref jobs[job];
        if (record.Previous == JobTable.None)
            Head = record.Next;
        else
            jobs[record.Previous].Next = record.Next;
        if (record.Next == JobTable.None)
            Tail = record.Previous;
        else
            jobs[record.Next].Previous = record.Previous;
        record.Next = JobTable.None;
        record.Previous = JobTable.None;
        Count--;
    }
}
