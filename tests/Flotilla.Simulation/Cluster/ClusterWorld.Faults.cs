using Flotilla.Cluster.Core;
using Flotilla.Cluster.Core.Commands;

namespace Flotilla.Simulation.Cluster;

/// <summary>What goes wrong, and how it is put right.</summary>
public sealed partial class ClusterWorld
{
    private Type? _trap;

    private ClusterNode? Coordinator => Array.Find(_nodes, node => node.Machine is { } machine && machine.View.Coordinator == node.Name);

    private ModelServer? Primary => Log.Head.Epoch is { } epoch ? Server(epoch.Primary) : null;

    /// <summary>A command came to its place in the log: a trap may be set for it.</summary>
    internal void Spring(ClusterCommand command)
    {
        if (command.GetType() != _trap || Primary is not { } primary)
            return;
        _trap = null;
        Count("trap: " + command.GetType().Name);
        LastFaultNs = NowNs + 20_000_000_000;
        After(Random.Next(20) * 1_000_000L, () => KillHost(primary.Host, 20_000_000_000));
    }

    private void SetPolicy()
        => Ask(new SetPolicy(new ClusterPolicy { Loss = Parameters.Loss, FlapWindowSeconds = Parameters.FlapWindowSeconds }));

    private void Ask(ClusterCommand command) => (Coordinator ?? _nodes[0]).Ask(command);

    private void Inflict(ClusterFault fault)
    {
        LastFaultNs = NowNs + fault.DurationNs;
        Count("fault: " + fault.Kind);
        Say("fault", fault.ToString());
        var server = Servers[fault.Host];
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
                var paused = _nodes[fault.Host];
                paused.Pause();
                After(fault.DurationNs, paused.Resume);
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
                _trap = typeof(TakeAwayAcker);
                break;
            case ClusterFaultKind.KillPrimaryAtPromotion:
                KillHost((Primary ?? server).Host, 20_000_000_000);
                _trap = typeof(TellPromoted);
                break;
            case ClusterFaultKind.Isolate:
                Isolate(fault.Host, fault.DurationNs);
                break;
            case ClusterFaultKind.IsolatePrimary:
                Isolate((Primary ?? server).Host, fault.DurationNs);
                break;
            case ClusterFaultKind.CutLink or ClusterFaultKind.CutPrimaryLink:
                var end = fault.Kind == ClusterFaultKind.CutPrimaryLink && Primary is { } primary && primary.Host != fault.Other ? primary.Host : fault.Host;
                Cut(end, fault.Other, true);
                After(fault.DurationNs, () => Cut(end, fault.Other, false));
                break;
            default:
                Order(fault, server);
                break;
        }
    }

    private void Order(ClusterFault fault, ModelServer server)
    {
        switch (fault.Kind)
        {
            case ClusterFaultKind.WriteByHand when server != Primary:
                server.WriteByHand(NextTransaction());
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
            case ClusterFaultKind.Provision:
                Ask(new ProvisionServer(server.Name, "a person wants it"));
                break;
            default:
                break;
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
        for (var i = 0; i < _nodes.Length; i++)
        {
            KillHost(i, i == late ? 20_000_000_000 : Random.Next(1, 6_000) * 1_000_000L);
            Servers[i].IsApplierStalled = false;
        }
    }

    private void KillNode(ClusterNode node, long durationNs)
    {
        node.End("is killed");
        After(durationNs, node.Start);
    }

    private void KillHost(int host, long durationNs)
    {
        _nodes[host].End("loses its power");
        Servers[host].Kill("no power");
        After(durationNs, _nodes[host].Start);
    }

    private void Isolate(int host, long durationNs)
    {
        for (var other = 0; other < _nodes.Length; other++)
        {
            if (other != host)
                Cut(host, other, true);
        }

        After(durationNs, () =>
        {
            for (var other = 0; other < _nodes.Length; other++)
                Cut(host, other, false);
        });
    }

    private void Cut(int one, int other, bool isCut)
    {
        _cut[one, other] = _cut[other, one] = isCut && one != other;
        After(Random.Next(50, 4_000) * 1_000_000L, () =>
        {
            if (_cut[one, other])
                Servers.ForEach(server => server.Break(one, other));
        });
    }

    private void Heal()
    {
        Say("world", "all is healed");
        LastFaultNs = NowNs;
        Array.Clear(_cut);
        _trap = null;
        foreach (var node in _nodes)
        {
            node.Resume();
            node.Start();
            Servers[node.Index].Hang(false);
        }

        foreach (var server in Servers)
            After(1_000_000_000, () => Ask(new SetMaintenance(server.Name, false)));
    }
}
