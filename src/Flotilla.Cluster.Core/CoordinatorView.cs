namespace Flotilla.Cluster.Core;

/// <summary>All that the coordinator's next step depends on.</summary>
internal sealed record CoordinatorView(ClusterState State, NodeView View, CoordinatorNotes Notes, AgentOptions Options, long NowNs)
{
    /// <summary>When the lease of the epoch's primary ends.</summary>
    public long LeaseEndsNs => Notes.KeepAliveNs + (Planted.Is(PlantedBug.LeaseTooShort) ? LeaseNs / 2 : Options.LeaseEndNs(LeaseNs));

    public bool IsLeaseOver => NowNs >= LeaseEndsNs;

    public long InPhaseNs => NowNs - Notes.PhaseSinceNs;

    public bool IsFlapping
        => State.Policy.FlapWindowSeconds > 0 && Notes.FailoverNs is { } at && NowNs - at < State.Policy.FlapWindowSeconds * 1_000_000_000L;

    private long LeaseNs => State.Epoch?.LeaseNs ?? 0;

    /// <summary>Whether a server's node is in the view, so that it can be driven.</summary>
    public bool IsDriven(ServerName name) => State.Find(name) is { } server && View.Has(server.Node);

    public bool IsDriven(ServerState server) => View.Has(server.Node);

    /// <summary>How long a server's node has been gone; 0 when it is here.</summary>
    public long GoneNs(ServerState server) => Notes.GoneSinceNs.TryGetValue(server.Node, out var since) ? NowNs - since : 0;

    /// <summary>How long an acker has received nothing; 0 when it does.</summary>
    public long SilentNs(ServerName name) => Notes.SilentSinceNs.TryGetValue(name, out var since) ? NowNs - since : 0;

    /// <summary>Whether a server counts as acker, and its connection is there.</summary>
    public bool IsReceiving(ServerName name) => Receiving.Contains(name);

    public IEnumerable<ServerName> Receiving => Evidence.Acknowledging(State, View);
}
