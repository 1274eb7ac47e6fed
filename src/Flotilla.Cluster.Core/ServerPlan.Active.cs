using System.Collections.Immutable;
using Flotilla.Cluster.Core.Actions;
using Flotilla.Cluster.Core.Commands;

namespace Flotilla.Cluster.Core;

/// <summary>What is next when it is known who is primary.</summary>
public static partial class ServerPlan
{
    private static ServerStep Reign(in ServerView view, EpochState epoch)
    {
        var (seen, notes, name) = (view.Seen, view.Notes, view.Server.Name);
        ImmutableArray<ServerName> allowed = Planted.Is(PlantedBug.UnlockBeforeWritten)
            ? [.. view.State.Servers.Select(server => server.Name)]
            : [.. epoch.Ackers.Where(acker => !epoch.IsLockedOut(acker))];
        var waits = epoch.Durability != Durability.Degraded && !(Planted.Is(PlantedBug.DegradeUnrecorded) && !seen.IsReadOnly && seen.ConnectedReplicas.Count == 0) && view.Server.Spec.Kind == ServerKind.MariaDb;
        var isAllowed = seen.AllowedReplicas.Order().SequenceEqual(allowed);
        var plan = view.State.Plan is { Phase: PlanPhase.Promote } promoting ? promoting : null;
        if (seen.IsReadOnly && plan is null && notes.Guard!.Epoch != epoch.Number)
            return new("its process began anew", Tell: new PrimaryDown(name, epoch.Number, "its process began anew"));
        if (seen.IsReadOnly)
        {
            if (!HasAll(seen, epoch.Start))
                return new($"must not be primary: it lacks something of {epoch.Start}");
            if (plan is not null && notes.HookedBefore != plan.Number)
                return new("runs the hooks before", new RunHook(HookKind.BeforePromotion));
            if (seen.Replica is not null || seen.IsSemiSyncReplica || seen.IsSemiSyncPrimary != waits || !isAllowed)
                return new("becomes primary", new BecomePrimary(epoch.Number, allowed, waits));
            return IsArmed(view, epoch) ? new("becomes writable", new MakeWritable(epoch.Number)) : new("waits for its lease");
        }

        if (plan is not null && plan.Candidate == name)
            return new("is writable", Tell: new TellPromoted(plan.Number, name) { Counted = Counted(view) });
        if (!isAllowed)
            return new("lets in who acknowledges, and nobody else", new AllowReplicas(allowed));
        foreach (var one in epoch.LockedOut)
        {
            var id = view.State.Find(one.Server)?.Spec.ServerId;
            if (one.At is null && (id is null || !seen.ConnectedReplicas.Contains(id.Value)))
                return new($"has locked out {one.Server}", Tell: new TellLockedOut(epoch.Number, one.Server, one.Since, seen.Logged));
        }

        if (seen.IsSemiSyncPrimary != waits)
            return new(waits ? "waits for acknowledgements again" : "waits for nobody any more", new WaitForReplicas(waits));
        if (epoch is { Durability: Durability.Returning, WaitsFrom: null })
            return new("waits again", Tell: new TellWaiting(epoch.Number, epoch.DurabilitySince, seen.Logged) { Counted = Counted(view) });
        if (waits && Counted(view) is { } counted && counted != epoch.Unacknowledged?.Counted)
            return new("ended commits that nobody had acknowledged", Tell: new TellUnacknowledged(epoch.Number, counted, seen.Logged));
        return notes.PromotedBy != 0 ? new("runs the hooks after", new RunHook(HookKind.AfterPromotion)) : new("is primary");
    }

    private static long? Counted(in ServerView view) => view.State.Level >= 2 ? view.Seen.UnacknowledgedCommits : null;

    private static bool IsArmed(in ServerView view, EpochState epoch)
        => Planted.Is(PlantedBug.WritableBeforeArmed) || view.Notes.Guard is { DeadlineNs: { } deadline } guard && guard.Epoch == epoch.Number && deadline > view.NowNs;

    private static ServerStep Replicate(in ServerView view, EpochState epoch)
    {
        var seen = view.Seen;
        var primary = epoch.Primary;
        if (!seen.IsReadOnly)
            return seen.IsSemiSyncPrimary ? new("is writable", new KillServer("is writable, and no primary")) : new("is writable", new MakeReadOnly());
        if (seen.IsSemiSyncPrimary)
            return new("is no primary", new WaitForReplicas(Waits: false));
        if (!view.State.IsEpochLive)
            return new("waits for the next primary");
        // Until nobody counts on it, it does what it can.
        if (view.Server.IsToBeProvisioned && !epoch.IsCountedOn(view.Server.Name))
            return ToBeProvisioned(view, epoch);
        if (seen.Replica is { UsesGtid: true, IsReceiverRunning: true } replica && view.IsFrom(primary))
        {
            if (replica.IsApplierRunning && (seen.IsSemiSyncReplica || view.Server.Spec.Kind != ServerKind.MariaDb))
                return new(replica.IsReceiverConnected ? $"follows {primary}" : $"follows {primary}, not connected: {replica.ReceiverError}");
            if (replica.ApplierError.Length > 0)
                return Broken(view, $"can't apply: {replica.ApplierError}");
        }

        if (seen.Replica is { IsReceiverRunning: true })
            return new("stops receiving", new StopReceiver());
        if (seen.Replica is { HasUnapplied: true, IsApplierRunning: true })
            return new("applies what it received");
        if (seen.Replica is { HasUnapplied: true } stuck)
            return stuck.ApplierError.Length > 0 ? Broken(view, $"can't apply its relay log: {stuck.ApplierError}") : new("applies its relay log", new ApplyRelayLog());
        return Compared(view) switch
        {
            null => new($"is compared with {primary}", new Compare(primary)),
            Comparison.Fits => new($"follows {primary}", new Follow(primary)),
            Comparison.TooOld => Broken(view, $"the log of {primary} does not reach back to it"),
            Comparison.Errant => Errant(view, epoch, canFlashBack: true),
            Comparison.ErrantForGood => Errant(view, epoch, canFlashBack: false),
            _ => throw new InvalidOperationException(),
        };
    }

    private static Comparison? Compared(in ServerView view) => Planted.Is(PlantedBug.SkipComparison) ? Comparison.Fits : view.Notes.ComparedIn == view.State.LastEpoch && view.Notes.ComparedAt.Equals(view.Seen.Logged) ? view.Notes.Compared : null;

    private static bool IsSaved(in ServerView view) => view.Notes.SavedIn == view.State.LastEpoch;

    private static ServerStep Errant(in ServerView view, EpochState epoch, bool canFlashBack)
    {
        if (!IsSaved(view) && !Planted.Is(PlantedBug.SaveNothing))
            return new("has transactions that the cluster has not", new SaveErrant(epoch.Primary));
        if (view.State.Policy.Divergence == DivergencePolicy.Wait)
            return new("has transactions that the cluster has not; they are saved, and a person is waited for");
        if (epoch.IsCountedOn(view.Server.Name))
            return new("has transactions that the cluster has not, and is still counted on");
        return canFlashBack && view.State.Policy.Divergence == DivergencePolicy.FlashBack
            ? new("takes back what the cluster has not", new FlashBack(epoch.Primary, view.Notes.ComparedAt))
            : Broken(view, "has transactions that the cluster has not");
    }

    // Filling a server anew is agreed on first: until it is done nobody counts on it.
    private static ServerStep Broken(in ServerView view, string why)
        => view.Server.IsToBeProvisioned ? new($"is to be filled anew, and is still counted on: {why}")
            : view.State.Policy.Divergence == DivergencePolicy.Wait || view.State.IsPaused || view.Server.IsInMaintenance
                ? new($"{why}; a person is waited for")
                : new(why, Tell: new ProvisionServer(view.Server.Name, why));

    private static ServerStep ToBeProvisioned(in ServerView view, EpochState epoch)
    {
        if (view.Notes.IsProvisioned)
            return new("is filled anew", Tell: new TellProvisioned(view.Server.Name));
        if (view.Seen.Replica is { IsReceiverRunning: true })
            return new("is to be filled anew", new StopReceiver());
        var compared = Compared(view);
        if (compared is null)
            return new("is compared before it is filled anew", new Compare(epoch.Primary));
        if (compared is Comparison.Errant or Comparison.ErrantForGood && !IsSaved(view))
            return new("what it has too much is saved", new SaveErrant(epoch.Primary));
        if (view.Server.Spec.IsWatched)
        {
            // Whoever filled it had to stop it.
            return compared == Comparison.Fits && view.Notes.Guard!.Start != view.Notes.UnfitStart
                ? new("was filled anew, or fits without", Tell: new TellProvisioned(view.Server.Name))
                : new("is to be filled anew; it is only watched: stop it, fill it yourself from a backup, and start it");
        }

        return Donor(view.State, view.Server.Name) is { } donor ? new($"is filled anew from {donor}", new Provision(donor, view.Notes.ComparedAt)) : new("is to be filled anew, and nobody can give");
    }

    /// <summary>Who fills a server anew: a replica rather than the primary, which has enough to do.</summary>
    internal static ServerName? Donor(ClusterState state, ServerName taker)
        => state.Servers
            .Where(server => server.Name != taker && server is { Report.Status: ServerStatus.Up, Spec.IsWatched: false, IsToBeProvisioned: false, IsLeaving: false, IsInMaintenance: false })
            .Where(server => server.Name == state.Epoch!.Primary || (server.Report.Source == state.Epoch.Primary && server.Report.IsReceiving && server.Report.Epoch == state.LastEpoch))
            .OrderBy(server => server.Name == state.Epoch!.Primary).ThenBy(server => server.Report.LagSeconds ?? int.MaxValue).ThenBy(server => server.Name)
            .Select(server => (ServerName?)server.Name).FirstOrDefault();
}
