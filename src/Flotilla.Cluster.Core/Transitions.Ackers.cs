using Flotilla.Cluster.Core.Commands;

namespace Flotilla.Cluster.Core;

/// <summary>Who acknowledges, and whether commits wait for it.</summary>
internal static partial class Transitions
{
    private static ClusterState InEpoch(ClusterState state, ClusterCommand command)
    {
        if (state.Epoch is not { } epoch || !state.IsEpochLive)
            return state;
        // What is only told is true whatever is planned meanwhile; what is decided waits for the plan's end.
        var isQuiet = state.Plan is null;
        var decision = state.LastDecision + 1;
        return command switch
        {
            TellLockedOut told when told.Epoch == epoch.Number => state with { Epoch = epoch with { LockedOut = [.. epoch.LockedOut.Select(one => one.Server == told.Server && one.Since == told.Since ? one with { At = told.Position } : one)] } },
            TellWaiting told when told.Epoch == epoch.Number && epoch.Durability == Durability.Returning && epoch.DurabilitySince == told.Since => state with { Epoch = epoch with { WaitsFrom = told.Position, Unacknowledged = Recounted(epoch, told.Counted) } },
            TellUnacknowledged told when told.Epoch == epoch.Number && epoch.Durability != Durability.Degraded => OnUnacknowledged(state, epoch, told),
            EndUnacknowledged end when end.Epoch == epoch.Number && epoch.Unacknowledged is { Position: { } last } known && Evidence.HasReceived(state, end.Server, last) && IsCounted(epoch, end.Server)
                => state with { Epoch = epoch with { Unacknowledged = known with { Position = null } } },
            ForgetElders forget when forget.Epoch == epoch.Number && Evidence.HasReceived(state, forget.Server, epoch.Start) && IsCounted(epoch, forget.Server)
                => state with { Epoch = epoch with { Elders = [] } },
            AddAcker add when isQuiet && add.Epoch == epoch.Number && add.Server != epoch.Primary && state.Find(add.Server) is not null && !epoch.Ackers.Contains(add.Server)
                => Decide(state with { Epoch = epoch with { Ackers = [.. epoch.Ackers.Add(add.Server).Order()] } }, command, $"{add.Server} acknowledges", "it is ready to follow"),
            LockOutAcker lockOut when isQuiet && lockOut.Epoch == epoch.Number && IsCounted(epoch, lockOut.Server) && Evidence.MayLockOut(state, lockOut.Server)
                => Decide(state with { Epoch = epoch with { LockedOut = epoch.LockedOut.Add(new(lockOut.Server, decision, null)) } }, command, $"{lockOut.Server} is locked out", lockOut.Why),
            ReadmitAcker readmit when isQuiet && readmit.Epoch == epoch.Number && epoch.IsLockedOut(readmit.Server)
                => Decide(state with { Epoch = epoch with { LockedOut = epoch.LockedOut.RemoveAll(one => one.Server == readmit.Server) } }, command, $"{readmit.Server} is let in again", "it is back, and nobody else acknowledges"),
            TakeAwayAcker take when isQuiet && take.Epoch == epoch.Number && Evidence.MayTakeAway(state, take.Server) => TakeAway(state, epoch, take),
            Degrade degrade when isQuiet && degrade.Epoch == epoch.Number && epoch.Durability != Durability.Degraded && state.Policy.Loss == LossPolicy.Available
                => Decide(state with { Epoch = epoch with { Durability = Durability.Degraded, DurabilitySince = decision, WaitsFrom = null } }, command, "commits wait for nobody", degrade.Why),
            ReturnToAcknowledged back when isQuiet && back.Epoch == epoch.Number && epoch.Durability == Durability.Degraded
                => Decide(state with { Epoch = epoch with { Durability = Durability.Returning, DurabilitySince = decision, WaitsFrom = null } }, command, "commits wait again", "somebody acknowledges"),
            EndDegraded end when isQuiet && end.Epoch == epoch.Number && epoch is { Durability: Durability.Returning, WaitsFrom: { } from } && Evidence.HasReceived(state, end.Server, from) && IsCounted(epoch, end.Server)
                => Decide(state with { Epoch = epoch with { Durability = Durability.Acknowledged, DurabilitySince = decision, WaitsFrom = null, Elders = [] } }, command, "not degraded any more", $"{end.Server} has all of {from}"),
            _ => state,
        };
    }

    // One line in the history as long as nothing else is decided.
    private static ClusterState OnUnacknowledged(ClusterState state, EpochState epoch, TellUnacknowledged command)
    {
        if (epoch.Unacknowledged is not { } known)
            return state with { Epoch = epoch with { Unacknowledged = new(command.Counted, 0, null, 0) } };
        // FLUSH STATUS has the server begin at 0 again.
        var more = command.Counted < known.Counted ? command.Counted : command.Counted - known.Counted;
        if (more == 0)
            return known.Counted == command.Counted ? state : state with { Epoch = epoch with { Unacknowledged = known with { Counted = command.Counted } } };
        var commits = known.Commits + more;
        if (known.Decision == state.LastDecision)
            state = state with { History = state.History.RemoveAt(state.History.Length - 1) };
        var next = new UnacknowledgedCommits(command.Counted, commits, command.Position, state.LastDecision + 1);
        return Decide(
            state with { Epoch = epoch with { Unacknowledged = next } },
            command,
            $"{epoch.Primary} ended {Text((ulong)commits)} commit{(commits == 1 ? "" : "s")} of epoch {Text(epoch.Number)} that nobody had acknowledged",
            "killed while they waited, by KILL or a driver's time limit, and answered: lost if the primary is before a replica has them. Have clients use KILL SOFT or max_statement_time, which wait");
    }

    private static UnacknowledgedCommits? Recounted(EpochState epoch, long? counted)
        => counted is { } now ? (epoch.Unacknowledged ?? new(now, 0, null, 0)) with { Counted = now } : epoch.Unacknowledged;

    private static bool IsCounted(EpochState epoch, ServerName server) => epoch.Ackers.Contains(server) && !epoch.IsLockedOut(server);

    private static ClusterState TakeAway(ClusterState state, EpochState epoch, TakeAwayAcker command)
    {
        var less = epoch with
        {
            Ackers = epoch.Ackers.Remove(command.Server),
            LockedOut = epoch.LockedOut.RemoveAll(one => one.Server == command.Server),
        };
        return Decide(state with { Epoch = less }, command, $"{command.Server} need not be asked any more", "it is locked out, and another one has what it acknowledged");
    }
}
