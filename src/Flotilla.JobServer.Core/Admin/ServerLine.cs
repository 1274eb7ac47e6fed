using Flotilla.Primitives;

namespace Flotilla.JobServer.Core;

/// <summary><c>show server</c>: the machine as a whole in one JSON line.</summary>
internal static class ServerLine
{
    public static void Write(MachineState state, ByteQueue output)
    {
        var json = new JsonLine(output);
        json.Field("version"u8, System.Text.Encoding.UTF8.GetBytes(state.Options.Version));
        json.Field("uptimeMs"u8, state.NowMs - state.StartedAtMs);
        json.Field("jobs"u8, state.Jobs.Count - state.DeadJobs);
        json.Field("running"u8, state.RunningJobs);
        json.Field("dead"u8, state.DeadJobs);
        json.Field("connections"u8, state.Connections.Count);
        json.Field("workers"u8, Snapshots.CountWorkers(state));
        json.Field("schedules"u8, state.Schedules.Count);
        json.Field("memoryBytes"u8, state.Jobs.UsedBytes + state.Schedules.UsedBytes);
        json.Field("draining"u8, state.IsDraining);
        json.BeginObject("counters"u8);
        var counters = state.Counters;
        json.Field("submitted"u8, counters.Submitted);
        json.Field("coalesced"u8, counters.Coalesced);
        json.Field("rejected"u8, counters.Rejected);
        json.Field("started"u8, counters.Started);
        json.Field("completed"u8, counters.Completed);
        json.Field("failed"u8, counters.Failed);
        json.Field("retried"u8, counters.Retried);
        json.Field("timedOut"u8, counters.TimedOut);
        json.Field("buried"u8, counters.Buried);
        json.Field("cancelled"u8, counters.Cancelled);
        json.Field("abandoned"u8, counters.Abandoned);
        json.Field("workersLost"u8, counters.WorkersLost);
        json.Field("schedulesFired"u8, counters.SchedulesFired);
        json.Field("wakeUps"u8, counters.WakeUps);
        json.Field("storeFailures"u8, counters.StoreFailures);
        json.EndObject();
        json.EndLine();
    }
}
