namespace Flotilla.JobServer.Core;

/// <summary>Copies of the state for people and metrics.</summary>
internal static class Snapshots
{
    public static ServerSnapshot Take(MachineState state)
    {
        var functions = new List<FunctionSnapshot>(state.Functions.Count);
        for (var i = 0; i < state.Functions.End; i++)
        {
            if (state.Functions.At(i) is { IsDropped: false } function)
                functions.Add(Of(function));
        }

        return new ServerSnapshot
        {
            Functions = functions,
            Jobs = state.Jobs.Count - state.DeadJobs,
            RunningJobs = state.RunningJobs,
            Connections = state.Connections.Count,
            Workers = CountWorkers(state),
            Schedules = state.Schedules.Count,
            MemoryBytes = state.Jobs.UsedBytes + state.Schedules.UsedBytes,
            IsDraining = state.IsDraining,
            Counters = state.Counters with { },
        };
    }

    public static FunctionSnapshot Of(FunctionState function) => new()
    {
        Name = System.Text.Encoding.UTF8.GetString(function.Name),
        Index = function.Index,
        QueuedHigh = function.QueuedAt(JobPriority.High),
        QueuedNormal = function.QueuedAt(JobPriority.Normal),
        QueuedLow = function.QueuedAt(JobPriority.Low),
        Running = function.Running,
        Delayed = function.Delayed,
        Dead = function.Dead,
        Workers = function.Workers,
        IsPaused = function.IsPaused,
        IsDraining = function.IsDraining,
        PayloadBytes = function.PayloadBytes,
    };

    public static int CountWorkers(MachineState state)
    {
        var workers = 0;
        for (var slot = 0; slot < state.Connections.End; slot++)
        {
            if (state.Connections.Find(slot) is { } connection && connection.Abilities.Count > 0)
                workers++;
        }

        return workers;
    }
}
