namespace Flotilla.JobServer.Core;

/// <summary>
/// Dropped functions whose jobs are still being taken apart, some thousands per step, so that dropping a million jobs holds nobody up.
/// The name is free at once.
/// </summary>
internal sealed class FunctionPurges(MachineState state)
{
    private const int JobsPerStep = 2000;
    private readonly Queue<FunctionState> _functions = new();

    public bool IsIdle => _functions.Count == 0;

    public void Add(FunctionState function)
    {
        state.Functions.Unname(function);
        _functions.Enqueue(function);
        Continue();
    }

    public void Continue()
    {
        var budget = JobsPerStep;
        while (budget > 0 && _functions.TryPeek(out var function))
        {
            var job = NextJob(function);
            if (job != JobTable.None)
            {
                state.Lifecycle.Drop(job);
                budget--;
                continue;
            }

            _functions.Dequeue();
            RemoveIfEmpty(function);
        }
    }

    /// <summary>Forgets a dropped function with its last job; jobs that the store has not answered for go when it does.</summary>
    public void RemoveIfEmpty(FunctionState function)
    {
        if (function.IsDropped && !HasJobs(function))
            state.Functions.Remove(function);
    }

    private static bool HasJobs(FunctionState function)
        => function.WaitingAt(JobPriority.High) + function.WaitingAt(JobPriority.Normal) + function.WaitingAt(JobPriority.Low) + function.Dead > 0;

    private static int NextJob(FunctionState function)
    {
        for (var priority = JobPriority.High; priority <= JobPriority.Low; priority++)
        {
            if (function.QueueHead(priority) != JobTable.None)
                return function.QueueHead(priority);
        }

        return function.DelayedHead != JobTable.None ? function.DelayedHead : function.DeadHead;
    }
}
