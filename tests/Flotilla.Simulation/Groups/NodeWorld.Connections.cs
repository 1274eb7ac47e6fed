using Flotilla.Groups.Core;

namespace Flotilla.Simulation.Groups;

/// <summary>Connections, as a runtime over TCP would open and lose them.</summary>
public abstract partial class NodeWorld
{
    private long _connections;

    /// <summary>Ends a connection for one side at once, for the other as soon as it can learn of it.</summary>
    internal void Break(int index, int other, PeerLoss loss)
    {
        var peer = Nodes[index].Peer(other);
        var connection = peer.Connection;
        if (connection == 0)
            return;
        Network.Forget(index, other);
        Network.Forget(other, index);
        Queue.After(1, new WorldEvent(WorldEventKind.Down, index, other, connection, loss));
        if (Network.IsOpen(index, other))
            Queue.At(AfterStream(index, other), new WorldEvent(WorldEventKind.Down, other, index, connection, loss));
        else
            Queue.After(Parameters.PathTimeoutNs, new WorldEvent(WorldEventKind.Down, other, index, connection, PeerLoss.Broken));
    }

    /// <summary>A node left in good order.</summary>
    internal void Stopped(SimNode node)
    {
        Count("left in good order");
        CloseAll(node, PeerLoss.Closed);
        node.End("stop");
    }

    // What is on the way in order comes before the end of a stream.
    private long AfterStream(int from, int to)
        => Math.Max(Queue.NowNs + Network.Link(from, to).MinDelayNs, Network.IsStream ? Network.Link(from, to).LastArrivalNs : 0) + 1;

    private void Dial()
    {
        for (var a = 0; a < Nodes.Length; a++)
        {
            for (var b = a + 1; b < Nodes.Length; b++)
            {
                var (left, right) = (Nodes[a], Nodes[b]);
                if (!left.IsRunning || !right.IsRunning || left.IsPaused || right.IsPaused || left.IsStopping || right.IsStopping)
                    continue;
                var isUp = left.Peer(b).Connection != 0 && left.Peer(b).Connection == right.Peer(a).Connection;
                if (isUp || !(left.Peer(b).IsWanted || right.Peer(a).IsWanted) || !Network.IsOpen(a, b) || Random.OneIn(2))
                    continue;
                if (left.Self.Node.IsNone || right.Self.Node.IsNone)
                    continue;
                if (left.Machine is { Cluster: { IsNone: false } ours } && right.Machine is { Cluster: { IsNone: false } theirs } && ours != theirs)
                {
                    Count("refused: another cluster");
                    continue;
                }

                if (left.WireVersion != right.WireVersion)
                {
                    Count("refused: a newer version");
                    continue;
                }

                Connect(a, b);
            }
        }
    }

    private void Connect(int a, int b)
    {
        var connection = ++_connections;
        Network.Forget(a, b);
        Network.Forget(b, a);
        var (leftHello, rightHello) = (Nodes[a].Hello(), Nodes[b].Hello());
        Nodes[a].Connected(b, connection, rightHello);
        Nodes[b].Connected(a, connection, leftHello);
    }

    // A process ended: whoever its machine can reach gets a reset, then a refusal.
    private protected void CloseAll(SimNode node, PeerLoss loss)
    {
        for (var other = 0; other < Nodes.Length; other++)
        {
            var connection = node.Peer(other).Connection;
            if (connection == 0)
                continue;
            if (Network.IsOpen(node.Index, other))
                Queue.At(AfterStream(node.Index, other), new WorldEvent(WorldEventKind.Down, other, node.Index, connection, Random.OneIn(4) ? PeerLoss.Broken : loss));
            else
                Queue.After(Parameters.PathTimeoutNs, new WorldEvent(WorldEventKind.Down, other, node.Index, connection, PeerLoss.Broken));
        }
    }

    private protected void CutPath(int from, int to)
    {
        Network.Cut(from, to);
        var connection = Nodes[from].Peer(to).Connection;
        if (connection != 0)
            Queue.After(Parameters.PathTimeoutNs + Random.Next(200_000_000), new WorldEvent(WorldEventKind.PathTimeout, from, to, connection));
    }

    // Both ends give up: neither gets an answer to what it sent, whichever direction is cut.
    private void PathTimedOut(in WorldEvent due)
    {
        if (Network.IsOpen(due.Node, due.Other))
            return;
        Network.Forget(due.Node, due.Other);
        Network.Forget(due.Other, due.Node);
        Count("path timeout");
        foreach (var (one, other) in new[] { (due.Node, due.Other), (due.Other, due.Node) })
            Queue.After(Random.Next(1_000_000_000), new WorldEvent(WorldEventKind.Down, one, other, due.Number, PeerLoss.Broken));
    }
}
