namespace Flotilla.JobServer.Core;

/// <summary>The job server as a deterministic machine: inputs in, effects out. Driven by one caller at a time.</summary>
public sealed class JobMachine
{
    /// <summary>When the next <see cref="JobServerInputKind.Tick"/> is due, in milliseconds since the Unix epoch; <see cref="long.MaxValue"/> for never.</summary>
    public long NextDeadlineMs => long.MaxValue;

    /// <summary>Jobs in workers' hands.</summary>
    public int RunningJobs => 0;

    /// <summary>A copy of the state for people and metrics; costs a walk over the functions, never over the jobs.</summary>
    public ServerSnapshot Snapshot() => new() { Functions = [] };

    public void Step(in JobServerInput input, IJobServerEffects effects)
    {
        _ = input;
        _ = effects;
    }
}
