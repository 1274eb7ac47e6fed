using Flotilla.Cluster.Core.Commands;

namespace Flotilla.Cluster.Core;

/// <summary>Who acknowledges, and whether commits wait for it.</summary>
public static partial class Coordinator
{
    private static CoordinatorStep? Acknowledgements(CoordinatorView all, EpochState epoch)
    {
        var state = all.State;
        if (!epoch.Elders.IsEmpty && Evidence.AckerWith(state, epoch.Start) is { } heir)
            return new($"{heir} has all that was before the epoch", new ForgetElders(epoch.Number, heir));
        if (epoch.Unacknowledged?.Position is { } last && Evidence.AckerWith(state, last) is { } keeper)
            return new($"{keeper} has all that was ended without an acknowledgement", new EndUnacknowledged(epoch.Number, keeper));
        foreach (var one in epoch.LockedOut)
        {
            if (Evidence.MayTakeAway(state, one.Server))
                return new($"{one.Server} is locked out", new TakeAwayAcker(epoch.Number, one.Server));
            // While commits wait for nobody it is taken away first, and added again when it is ready.
            if (epoch.Durability != Durability.Degraded && !all.Receiving.Any() && state.Find(one.Server) is { Report.Status: ServerStatus.Up } server && (Unwanted(all, server) is null || IsNeeded(all, server, epoch)))
                return new($"{one.Server} is back, and nobody else acknowledges", new ReadmitAcker(epoch.Number, one.Server));
        }

        foreach (var server in state.Servers)
        {
            var isAcker = epoch.Ackers.Contains(server.Name);
            if (!isAcker && server.Name != epoch.Primary && IsReady(server, epoch) && (Unwanted(all, server) is null || IsNeeded(all, server, epoch)))
                return new($"{server.Name} is ready to follow", new AddAcker(epoch.Number, server.Name));
            if (isAcker && !state.IsPaused && !epoch.IsLockedOut(server.Name) && Unwanted(all, server) is { } why && (epoch.Durability == Durability.Degraded || all.Receiving.Any(other => other != server.Name)))
                return new(why, new LockOutAcker(epoch.Number, server.Name, why));
        }

        return Durable(all, epoch);
    }

    private static bool IsReady(ServerState server, EpochState epoch)
        => server.Report is { Status: ServerStatus.Up, IsReceiverRunning: true } report && report.Source == epoch.Primary && report.Epoch == epoch.Number;

    // It can't be filled anew while it is counted on, and it is counted on until another one has what it has.
    private static bool IsNeeded(CoordinatorView all, ServerState server, EpochState epoch)
        => server is { IsToBeProvisioned: true, IsInMaintenance: false, IsLeaving: false } && epoch.Durability != Durability.Degraded && epoch.Witnesses.Contains(server.Name) && !all.Receiving.Any();

    /// <summary>Why a server shall not acknowledge; null when it may.</summary>
    private static string? Unwanted(CoordinatorView all, ServerState server)
    {
        if (server.IsInMaintenance)
            return "it is in maintenance";
        if (server.IsLeaving)
            return "it is to be removed";
        if (server.IsToBeProvisioned)
            return "it is to be filled anew";
        if (!all.IsDriven(server) && all.GoneNs(server) > all.Options.AckerGoneNs)
            return $"its node {server.Node} is gone";
        return all.SilentNs(server.Name) > all.Options.AckerSilentNs ? "it has received nothing for a while" : null;
    }

    private static CoordinatorStep? Durable(CoordinatorView all, EpochState epoch)
    {
        var isAnybody = all.Receiving.Any();
        switch (epoch.Durability)
        {
            case Durability.Degraded:
                return isAnybody ? new("somebody acknowledges again", new ReturnToAcknowledged(epoch.Number)) : new($"{epoch.Primary} is primary; degraded: nobody acknowledges");
            case Durability.Returning when epoch.WaitsFrom is { } from && Evidence.AckerWith(all.State, from) is { } heir:
                return new($"{heir} has all", new EndDegraded(epoch.Number, heir));
            default:
                if (isAnybody)
                    return all.State is { Policy.Loss: LossPolicy.Available, IsPaused: false } && all.Receiving.All(name => IsStuck(all.State, name))
                        ? new("who acknowledges can't follow", new Degrade(epoch.Number, $"{Words(all.Receiving)} can't follow, and can only be filled anew"))
                        : null;
                if (all.State.Policy.Loss == LossPolicy.Strict)
                    return new($"{epoch.Primary} is primary, but commits wait: nobody acknowledges");
                var counted = epoch.Ackers.Where(acker => !epoch.IsLockedOut(acker)).ToList();
                var silent = counted.Count == 0 ? all.NowNs - all.Notes.PhaseSinceNs : counted.Min(all.SilentNs);
                return silent > all.Options.AckerSilentNs && !all.State.IsPaused
                    ? new("nobody acknowledges", new Degrade(epoch.Number, $"nobody has acknowledged for {Text((ulong)silent / 1_000_000)} ms"))
                    : new("nobody acknowledges; waits a while before commits go on without");
        }
    }

    // It receives, and acknowledges, what it can't apply.
    private static bool IsStuck(ClusterState state, ServerName name) => state.Find(name) is { IsToBeProvisioned: true, Report.Error.Length: > 0 };

    private static CoordinatorStep? Removals(CoordinatorView all)
    {
        foreach (var server in all.State.Servers)
        {
            if (Transitions.MayForget(all.State, server.Name))
                return new($"{server.Name} is not counted on", new ForgetServer(server.Name));
        }

        return null;
    }
}
