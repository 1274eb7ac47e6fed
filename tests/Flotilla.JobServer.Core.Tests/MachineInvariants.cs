namespace Flotilla.JobServer.Core.Tests;

/// <summary>What must hold between any two steps, whatever happened.</summary>
internal static class MachineInvariants
{
    /// <summary>A walk over all jobs per step is fine for a test's few, not for a large backlog.</summary>
    private const int JobsMax = 500;

    public static void Check(MachineState state)
    {
        if (state.Jobs.Count <= JobsMax)
            CheckJobs(state);
        for (var i = 0; i < state.Functions.End; i++)
        {
            if (state.Functions.At(i) is { IsDropped: false } function)
                CheckFunction(state, function);
        }
    }

    private static void CheckJobs(MachineState state)
    {
        int live = 0, running = 0, dead = 0;
        var budget = int.MaxValue;
        for (var job = state.Jobs.NextLive(0, ref budget); job < state.Jobs.End; job = state.Jobs.NextLive(job + 1, ref budget))
        {
            live++;
            ref var record = ref state.Jobs[job];
            running += record.State == JobState.Running ? 1 : 0;
            dead += record.State == JobState.Dead ? 1 : 0;
            Assert.Equal(record.State == JobState.Cancelled ? JobTable.None : job, state.Jobs.Find(new JobId(record.Id)));
            if (record.State == JobState.Delayed)
                Assert.NotEqual(JobTable.None, record.Timer);
            if (record.State is JobState.Queued or JobState.Delayed && !record.Has(JobFlags.Background))
                Assert.NotEqual(ClientLinks.None, record.FirstLink);
            if (record.State is JobState.Running or JobState.Cancelled)
                Assert.NotNull(state.Connections.Find(record.Worker));
        }

        Assert.Equal(live, state.Jobs.Count);
        Assert.Equal(running, state.RunningJobs);
        Assert.Equal(dead, state.DeadJobs);
    }

    private static void CheckFunction(MachineState state, FunctionState function)
    {
        Assert.Equal(function.ReadyMask, state.Functions.ReadyMask(function.Index));
        int woken = 0, sleepers = 0, workers = 0;
        for (var slot = 0; slot < state.Connections.End; slot++)
        {
            if (state.Connections.Find(slot) is not { } connection)
                continue;
            woken += connection.WokenFor == function ? 1 : 0;
            var position = connection.Abilities.PositionOf(function.Index);
            workers += position >= 0 ? 1 : 0;
            sleepers += connection.IsAsleep && position >= 0 ? 1 : 0;
        }

        Assert.Equal(woken, function.Woken);
        Assert.Equal(workers, function.Workers);
        if (sleepers > 0 && !function.IsPaused && !state.IsDraining)
            Assert.True(function.Woken >= function.Queued, "a worker sleeps while a job waits that nobody was woken for");
    }
}
