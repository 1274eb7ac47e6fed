using Flotilla.Cluster.Core;
using Flotilla.Guard;

namespace Flotilla.Cluster.Hosting;

/// <summary>What the machine is told of a process.</summary>
internal static class ProcessWords
{
    public static GuardStatus StatusOf(in GuardState state) => new()
    {
        Start = (ulong)state.StartedNs,
        IsRunning = state.IsAlive,
        Role = state.Role switch { GuardRole.Primary => ServerRole.Primary, GuardRole.Replica => ServerRole.Replica, _ => null },
        Epoch = state.DeadlineNs != 0 ? state.Epoch : 0,
        DeadlineNs = state.DeadlineNs != 0 ? state.DeadlineNs : null,
        Ended = Of(state),
    };

    /// <summary>Why it ended; empty when it did not.</summary>
    public static string Of(in GuardState state) => state switch
    {
        { Phase: GuardedPhase.None } => "",
        { Killed: KillCause.Deadline } => "its lease ended, and its guard killed it",
        { Killed: KillCause.Told } => "its node killed it",
        { Killed: KillCause.Grace } => "it did not stop in time, and its guard killed it",
        { Exit: ServerExit.Signal } => $"its process ended by signal {state.ExitCode}",
        { Exit: ServerExit.Code } => $"its process ended with code {state.ExitCode}",
        { Phase: GuardedPhase.Ended } => "its process ended",
        _ => "",
    };
}
