using Flotilla.Cluster.Core;
using Flotilla.Cluster.Core.Commands;
using Flotilla.Simulation.Groups;

namespace Flotilla.Simulation.Cluster;

/// <summary>What goes wrong, and how it is put right.</summary>
public sealed partial class ClusterWorld
{
    /// <summary>Long enough for everything that happens by itself.</summary>
    private const long HelpNs = 20_000_000_000;

    /// <summary>Within that time a guard that woke up has killed a server whose lease is over.</summary>
    private const long AwakeNs = 50_000_000;

    /// <summary>A person looks so often whether there is something to mend that only people mend.</summary>
    private const long MendPeriodNs = 3_000_000_000;

    private readonly long[] _offUntilNs;
    private readonly long[] _wakesAtNs;
    private (Type Command, Func<bool> Strike)? _trap;
    private int _slowHost;
    private int _slowUs;
    private bool _isHealed;

    private ClusterNode? Coordinator => Array.Find(_nodes, node => node.Machine is { } machine && machine.View.Coordinator == node.Name);

    private ModelServer? Primary => Agreed.Head.Epoch is { } epoch ? Server(epoch.Primary) : null;

    internal bool IsSuspended(int host) => NowNs < _wakesAtNs[host];

    /// <summary>Whether a host was suspended a moment ago.</summary>
    internal bool IsJustAwake(int host) => !IsSuspended(host) && NowNs - _wakesAtNs[host] < AwakeNs;

    /// <summary>When a host that is suspended wakes up; long ago for all others.</summary>
    internal long WakesAtNs(int host) => _wakesAtNs[host];

    /// <summary>Whether a host has no power.</summary>
    internal bool IsOff(int host) => NowNs < _offUntilNs[host];

    /// <summary>A command came to its place in the log: a trap may be set for it.</summary>
    internal void Spring(ClusterCommand command)
    {
        if (command.GetType() != _trap?.Command || !_trap.Value.Strike())
            return;
        _trap = null;
        Count("trap: " + command.GetType().Name);
    }

    // The host of whoever is primary then.
    private bool KillPrimaryHostSoon()
    {
        if (Primary is not { } primary)
            return false;
        After(Random.Next(20) * 1_000_000L, () => KillHost(primary.Host, 20_000_000_000));
        return true;
    }

    private void FailOverWhileAcknowledged(ModelServer primary)
    {
        (_slowHost, _slowUs) = ((primary.Host + 1 + Random.Next(Servers.Count - 1)) % Servers.Count, 500_000);
        After(6_000_000_000, () => (_slowHost, _slowUs) = (Parameters.SlowHost, Parameters.SlowUs));
        // By then the slow one is behind.
        After(1_500_000_000, () =>
        {
            KillNode(_nodes[primary.Host], 8_000_000_000);
            After(400_000_000, () => Ask(new GiveOrder(new Order { Kind = OrderKind.Failover })));
            _trap = (typeof(TellPosition), () => CutOffWhoToldMost(primary));
        });
    }

    private bool CutOffWhoToldMost(ModelServer primary)
    {
        if (Agreed.Head.Plan is not { Positions.Length: >= 2 } plan)
            return false;
        var most = plan.Positions.First(one => plan.Positions.All(other => one.Position.Contains(other.Position))).Server;
        var host = Server(most).Host;
        if (host != _slowHost && host != primary.Host)
            Cut(4_000_000_000, (from, to) => (from == host && to == primary.Host) || (from == primary.Host && to == host));
        return true;
    }

    private void SetPolicy()
        => Ask(new SetPolicy(new ClusterPolicy { Loss = Parameters.Loss, FlapWindowSeconds = Parameters.FlapWindowSeconds }));

    private void Ask(ClusterCommand command) => (Coordinator ?? _nodes[0]).Ask(command);

    private void Inflict(ClusterFault fault)
    {
        GoesWrong(fault.DurationNs);
        Count("fault: " + fault.Kind);
        Say("fault", fault.ToString());
        var server = Servers[fault.Host % Servers.Count];
        switch (fault.Kind)
        {
            case ClusterFaultKind.KillServer:
                server.Kill("killed");
                break;
            case ClusterFaultKind.KillPrimary:
                Primary?.Kill("killed");
                break;
            case ClusterFaultKind.HangServer:
                Hang(server, fault.DurationNs);
                break;
            case ClusterFaultKind.HangPrimary:
                Hang(Primary ?? server, fault.DurationNs);
                break;
            case ClusterFaultKind.KillNode:
                KillNode(_nodes[fault.Host], fault.DurationNs);
                break;
            case ClusterFaultKind.KillCoordinator:
                KillNode(Coordinator ?? _nodes[fault.Host], fault.DurationNs);
                break;
            case ClusterFaultKind.PauseNode:
                Nodes[fault.Host].Pause();
                Queue.After(fault.DurationNs, new WorldEvent(WorldEventKind.Resume, fault.Host));
                break;
            case ClusterFaultKind.KillHost:
                KillHost(fault.Host, fault.DurationNs);
                break;
            case ClusterFaultKind.KillPrimaryHost:
                KillHost((Primary ?? server).Host, fault.DurationNs);
                break;
            case ClusterFaultKind.KillAll:
                KillAll(-1);
                break;
            case ClusterFaultKind.KillAllPrimaryLate:
                Servers.ForEach(one => one.IsApplierStalled = true);
                After(Random.Next(100, 600) * 1_000_000L, () => KillAll((Primary ?? server).Host));
                break;
            case ClusterFaultKind.KillPrimaryAtTakeAway:
                // Who stays is slow, if anybody is: it has least of what the others acknowledged.
                KillNode(Array.Find(_nodes, node => node.Server != Primary && node.Index != Parameters.SlowHost) ?? _nodes[fault.Host], 12_000_000_000);
                _trap = (typeof(TakeAwayAcker), KillPrimaryHostSoon);
                break;
            case ClusterFaultKind.KillPrimaryAtPromotion:
                KillHost((Primary ?? server).Host, 20_000_000_000);
                _trap = (typeof(TellPromoted), KillPrimaryHostSoon);
                break;
            case ClusterFaultKind.Isolate:
                Isolate(fault.Host, fault.DurationNs);
                break;
            case ClusterFaultKind.IsolatePrimary:
                Isolate((Primary ?? server).Host, fault.DurationNs);
                break;
            case ClusterFaultKind.CutLink or ClusterFaultKind.CutPrimaryLink:
                var end = fault.Kind == ClusterFaultKind.CutPrimaryLink && Primary is { } primary && primary.Host != fault.Other ? primary.Host : fault.Host;
                Cut(fault.DurationNs, (from, to) => (from == end && to == fault.Other) || (from == fault.Other && to == end));
                break;
            default:
                if (!InflictOnDisks(fault, server) && !InflictOnLinks(fault, server))
                    Order(fault, server);
                break;
        }
    }

    private bool InflictOnDisks(ClusterFault fault, ModelServer server)
    {
        var node = Nodes[fault.Host];
        switch (fault.Kind)
        {
            case ClusterFaultKind.NodeDiskFull when node.IsRunning:
                node.Disk.Failure ??= "no space left on device";
                After(fault.DurationNs, () => Replace(node));
                return true;
            case ClusterFaultKind.NodeDiskStalls:
                node.Disk.StalledUntilNs = NowNs + fault.DurationNs;
                return true;
            case ClusterFaultKind.ServerDiskFull or ClusterFaultKind.PrimaryDiskFull:
                var full = fault.Kind == ClusterFaultKind.PrimaryDiskFull && Primary is { } primary ? primary : server;
                full.IsDiskFull = true;
                After(fault.DurationNs, () => full.IsDiskFull = false);
                return true;
            case ClusterFaultKind.WipeHost:
                Wipe(fault, NowNs + fault.DurationNs);
                return true;
            default:
                return false;
        }
    }

    private bool InflictOnLinks(ClusterFault fault, ModelServer server)
    {
        var host = fault.Kind is ClusterFaultKind.MutePrimary or ClusterFaultKind.SuspendPrimaryHost ? (Primary ?? server).Host : fault.Host;
        switch (fault.Kind)
        {
            case ClusterFaultKind.Mute or ClusterFaultKind.MutePrimary:
                Cut(fault.DurationNs, (from, _) => from == host);
                return true;
            case ClusterFaultKind.Deafen:
                Cut(fault.DurationNs, (_, to) => to == host);
                return true;
            case ClusterFaultKind.CutOneWay:
                Cut(fault.DurationNs, (from, to) => from == fault.Host && to == fault.Other);
                return true;
            case ClusterFaultKind.Loss:
                SetLoss(Random.Next(10_000, 200_000));
                After(fault.DurationNs, () => SetLoss(Parameters.LossPpm));
                return true;
            case ClusterFaultKind.SuspendHost or ClusterFaultKind.SuspendPrimaryHost:
                Suspend(host, fault.DurationNs);
                return true;
            default:
                return false;
        }
    }

    private void SetLoss(int ppm)
    {
        foreach (var (one, other) in Pairs())
            Network.Link(one, other).LossPpm = Network.Link(other, one).LossPpm = ppm;
    }

    // A supervisor starts the process anew once the disk works again.
    private void Replace(SimNode node)
    {
        if (node.Disk.Failure is null)
            return;
        node.Disk.Failure = null;
        EndFor(node, "kill", 100_000_000);
    }

    // Its clock goes on meanwhile. Who wakes up first is anybody's guess.
    private void Suspend(int host, long durationNs)
    {
        if (IsOff(host) || _wakesAtNs[host] > NowNs)
            return;
        _wakesAtNs[host] = NowNs + durationNs;
        Isolate(host, durationNs);
        Nodes[host].Pause();
        Queue.After(durationNs + (Random.Next(30) * 1_000_000L), new WorldEvent(WorldEventKind.Resume, host));
        if (ServerOf(host) is not { } server)
            return;
        Hang(server, durationNs + (Random.Next(10) * 1_000_000L));
    }

    // What only this host has may be lost with it: nothing of what was acknowledged is, while all is well.
    private void Wipe(ClusterFault fault, long untilNs)
    {
        if (ServerOf(fault.Host) is not { } server || NowNs > untilNs || _isHealed)
            return;
        if (!MayWipe(Nodes[fault.Host]) || !Checks.IsWell() || server == Primary || !Checks.IsElsewhere(server))
        {
            After(10_000_000, () => Wipe(fault, untilNs));
            return;
        }

        Count("wiped");
        GoesWrong(fault.DurationNs);
        EndFor(Nodes[fault.Host], "wipe", fault.DurationNs);
        Nodes[fault.Host].Wipe();
        server.Kill("its disks are lost");
        server.Wipe();
        _offUntilNs[fault.Host] = NowNs + fault.DurationNs;
        Queue.After(fault.DurationNs, new WorldEvent(WorldEventKind.Start, fault.Host));
    }

    private void Order(ClusterFault fault, ModelServer server)
    {
        switch (fault.Kind)
        {
            case ClusterFaultKind.WriteByHand when server != Primary:
                server.WriteByHand(NextTransaction());
                break;
            case ClusterFaultKind.HoldUpNode:
                _nodes[fault.Host].HoldUp(fault.DurationNs);
                break;
            case ClusterFaultKind.FailoverWhileAcknowledged:
                GoesWrong(10_000_000_000);
                FailOverWhileAcknowledged(Primary ?? server);
                break;
            case ClusterFaultKind.Switchover:
                Ask(new GiveOrder(new Order { Kind = OrderKind.Switchover, To = Random.OneIn(2) ? null : server.Name }));
                break;
            case ClusterFaultKind.Failover or ClusterFaultKind.ForcedFailover:
                Ask(new GiveOrder(new Order { Kind = OrderKind.Failover, IsForced = fault.Kind == ClusterFaultKind.ForcedFailover }));
                break;
            case ClusterFaultKind.Maintenance:
                Ask(new SetMaintenance(server.Name, true));
                After(fault.DurationNs, () => Ask(new SetMaintenance(server.Name, false)));
                break;
            case ClusterFaultKind.StopReplicas:
                var replicas = Servers.Where(one => one != Primary).ToList();
                foreach (var replica in replicas)
                {
                    Ask(new SetMaintenance(replica.Name, true));
                    After(200_000_000, () => replica.Kill("stopped"));
                    After(16_000_000_000, () => Ask(new SetMaintenance(replica.Name, false)));
                }

                break;
            case ClusterFaultKind.Provision when Parameters.Kind == ServerKind.MariaDb:
                Ask(new ProvisionServer(server.Name, "a person wants it"));
                break;
            default:
                break;
        }
    }

    // What a MySQL server has and the cluster has not: the node says so, and leaves it alone.
    private void Mend()
    {
        After(MendPeriodNs, Mend);
        if (Primary is not { IsRunning: true, IsReadOnly: false } primary)
            return;
        foreach (var server in Servers.Where(server => server is { IsRunning: true, IsReadOnly: true, IsMute: false } && ClusterChecks.IsErrant(server, primary) && Reason(server).Contains("people mend", StringComparison.Ordinal)))
        {
            server.Mend(primary);
            Count("mended by a person");
        }
    }

    private void Hang(ModelServer server, long durationNs)
    {
        server.Hang(true);
        var start = server.Start;
        After(durationNs, () =>
        {
            if (server.Start == start)
                server.Hang(false);
        });
    }

    private void KillAll(int late)
    {
        foreach (var node in _nodes)
            KillHost(node.Index, node.Index == late ? 14_000_000_000 : Random.Next(1, 6_000) * 1_000_000L);
        Servers.ForEach(server => server.IsApplierStalled = false);
    }

    private void KillNode(ClusterNode node, long durationNs)
    {
        GoesWrong(durationNs);
        EndFor(node.Host, "kill", durationNs);
    }

    private void KillHost(int host, long durationNs)
    {
        GoesWrong(durationNs);
        EndFor(Nodes[host], "power", durationNs);
        ServerOf(host)?.Kill("no power");
        _wakesAtNs[host] = 0;
        _offUntilNs[host] = NowNs + durationNs;
        Queue.After(durationNs, new WorldEvent(WorldEventKind.Start, host));
    }

    // What follows from a fault is over only when the last part of it is.
    private void GoesWrong(long durationNs)
    {
        LastFaultNs = Math.Max(LastFaultNs, NowNs + durationNs);
        IsWellSinceFault = false;
    }

    private void Cut(long durationNs, Func<int, int, bool> isCut)
    {
        CutFor(durationNs, isCut);
        foreach (var (one, other) in Pairs().Where(pair => isCut(pair.One, pair.Other) || isCut(pair.Other, pair.One)))
        {
            After(Random.Next(50, 4_000) * 1_000_000L, () =>
            {
                if (!IsLinked(one, other))
                    Servers.ForEach(server => server.Break(one, other));
            });
        }
    }

    private IEnumerable<(int One, int Other)> Pairs()
        => from one in Enumerable.Range(0, Nodes.Length) from other in Enumerable.Range(one + 1, Nodes.Length - one - 1) select (one, other);

    private void Isolate(int host, long durationNs) => Cut(durationNs, (from, to) => from == host || to == host);

    // Strict never lets the only other server be emptied, or cut back, while only it and the primary have what was acknowledged: a person decides.
    private void Help()
    {
        if (IsQuiet || Agreed.Head is not { Epoch: { } epoch } head || !head.Servers.All(server => server.Name == epoch.Primary || server.IsToBeProvisioned || ClusterChecks.IsErrant(Server(server.Name), Server(epoch.Primary))))
            return;
        Count("a person lets it degrade");
        Ask(new SetPolicy(head.Policy with { Loss = LossPolicy.Available }));
    }

    private void Heal()
    {
        Say("world", "all is healed");
        GoesWrong(0);
        LastFaultNs = NowNs;
        _isHealed = true;
        _trap = null;
        Network.MendAll(_ => true);
        After(HelpNs, Help);
        foreach (var node in _nodes)
        {
            // Who is suspended wakes up in its time.
            if (IsSuspended(node.Index))
            {
                GoesWrong(_wakesAtNs[node.Index] - NowNs);
                continue;
            }

            _offUntilNs[node.Index] = 0;
            node.HoldUp(0);
            Replace(node.Host);
            node.Host.Disk.StalledUntilNs = 0;
            node.Host.Resume();
            Queue.After(1, new WorldEvent(WorldEventKind.Start, node.Index));
        }

        foreach (var server in Servers)
        {
            server.Hang(IsSuspended(server.Host));
            server.IsDiskFull = false;
            After(1_000_000_000, () => EndMaintenance(server));
        }
    }

    // Whoever ordered it sees to it that it ends: an order may be lost with who took it.
    private void EndMaintenance(ModelServer server)
    {
        Ask(new SetMaintenance(server.Name, false));
        After(5_000_000_000, () =>
        {
            if (Agreed.Head.Find(server.Name) is { IsInMaintenance: true })
                EndMaintenance(server);
        });
    }
}
