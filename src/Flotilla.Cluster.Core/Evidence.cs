namespace Flotilla.Cluster.Core;

/// <summary>What the agreed state proves: asked by who decides, and once more when the decision is applied.</summary>
internal static class Evidence
{
    /// <summary>
    /// Whether a replica of this epoch's primary has everything to a position of the primary's. Only who was seen to receive from it in this epoch is believed: sequence numbers of a server
    /// that went another way say nothing.
    /// </summary>
    public static bool HasReceived(ClusterState state, ServerName server, ReplicationPosition position)
        => state.Epoch is { } epoch
            && state.Find(server)?.Report is { IsReceiving: true } report
            && report.Source == epoch.Primary && report.Epoch == epoch.Number
            && (report.Received.Contains(position) || report.Applied.Contains(position));

    /// <summary>Ackers that count, whose connection is there, and whose nodes are.</summary>
    public static IEnumerable<ServerName> Acknowledging(ClusterState state, NodeView view)
        => (state.Epoch?.Ackers ?? []).Where(acker => !state.Epoch!.IsLockedOut(acker) && HasReceived(state, acker, ReplicationPosition.None) && state.Find(acker) is { } server && view.Has(server.Node));

    /// <summary>An acker that is not on its way out and has everything to a position; null without one.</summary>
    public static ServerName? AckerWith(ClusterState state, ReplicationPosition position)
    {
        foreach (var acker in state.Epoch?.Ackers ?? [])
        {
            if (!state.Epoch!.IsLockedOut(acker) && HasReceived(state, acker, position))
                return acker;
        }

        return null;
    }

    /// <summary>Whether an acker may be locked out: commits need not wait, or another one receives, so that they do not wait for ever.</summary>
    public static bool MayLockOut(ClusterState state, ServerName server)
        => state.Epoch is { } epoch && (epoch.Durability == Durability.Degraded || epoch.Ackers.Any(acker => acker != server && !epoch.IsLockedOut(acker) && HasReceived(state, acker, ReplicationPosition.None)));

    /// <summary>Whether an acker need not be asked any more: it is locked out, and another one has what it may have acknowledged, or acknowledgements do not count.</summary>
    public static bool MayTakeAway(ClusterState state, ServerName server)
    {
        if (state.Epoch?.LockedOut.FirstOrDefault(one => one.Server == server)?.At is not { } at)
            return false;
        return Planted.Is(PlantedBug.TakeAwayAtOnce) || state.Epoch.Durability == Durability.Degraded || AckerWith(state, at) is not null;
    }

    /// <summary>Whether the old primary acknowledges nothing any more.</summary>
    public static bool IsFenced(Plan plan) => plan.Fence is not null || Planted.Is(PlantedBug.PromoteBeforeFence);

    /// <summary>
    /// Whether a server may be asked without its node: only after the fence. Until then its node might be alive, cut off, and let it receive and acknowledge again.
    /// </summary>
    public static bool MayAskRemotely(Plan plan) => plan.Fence is not null;

    /// <summary>Witnesses of the epoch that have not said what they have.</summary>
    public static IEnumerable<ServerName> Unasked(ClusterState state, Plan plan)
        => (state.Epoch?.Witnesses ?? []).Where(witness => plan.PositionOf(witness) is null && !(Planted.Is(PlantedBug.ChooseBeforeAllTold) && !plan.Positions.IsEmpty));

    /// <summary>
    /// Whether what a server has counts in a plan: that of witnesses, and of the last primary. Any other may have gone another way, with higher numbers for what nobody acknowledged.
    /// </summary>
    public static bool IsAsked(ClusterState state, ServerName server)
        => state.Epoch is not { } epoch || epoch.Primary == server || epoch.Witnesses.Contains(server);

    /// <summary>Whether clients were answered what, by all that was told, the last primary alone has.</summary>
    public static bool IsAnsweredByPrimaryAlone(ClusterState state, Plan plan)
        => state.Epoch?.Unacknowledged?.Position is { } last && !plan.Positions.Any(one => one.Position.Contains(last));

    /// <summary>Whether only the last primary has everything, and only a person may say that it is lost.</summary>
    public static bool IsPrimaryNeeded(ClusterState state, Plan plan)
        => state.Epoch is { } epoch && (epoch.Durability != Durability.Acknowledged || (state.Policy.Loss == LossPolicy.Strict && IsAnsweredByPrimaryAlone(state, plan)));

    /// <summary>Everything that anybody told; null when that is no single history.</summary>
    public static ReplicationPosition? Together(Plan plan)
    {
        ReplicationPosition? joined = ReplicationPosition.None;
        foreach (var one in plan.Positions)
            joined = joined?.Join(one.Position);
        return joined;
    }
}
