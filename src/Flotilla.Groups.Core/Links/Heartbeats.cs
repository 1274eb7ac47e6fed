using System.Buffers;
using Flotilla.Groups.Core.Frames;

namespace Flotilla.Groups.Core.Links;

/// <summary>Sends heartbeats: to everybody in a small cluster, in a large one to neighbours on a ring by rank, and to and from the sequencer.</summary>
internal sealed class Heartbeats(NodeContext context, LinkTable table, LinkTiming timing)
{
    /// <summary>Up to so many nodes everybody sends to everybody; more would cost more frames than messages do.</summary>
    public const int MaxMesh = 20;

    /// <summary>Neighbours on either side of the ring: a member is heard by ten, so nine may fail with it.</summary>
    public const int RingNeighbours = 5;

    /// <summary>What may wait for a peer that is not heard: more beats behind it would come too late to matter.</summary>
    private const long MaxWaitingBytes = 1 << 20;

    private readonly ArrayBufferWriter<byte> _reports = new();
    private readonly ArrayBufferWriter<byte> _body = new();
    private long _nextNs = LinkTiming.Never;
    private ulong _counter;
    private int _turn;

    public bool IsDue => context.NowNs >= _nextNs;

    /// <summary>Chooses whom to send to, when the view or the connections changed.</summary>
    public void SetTargets(ClusterView? view)
    {
        var self = view?.RankOf(context.Self.Node) ?? -1;
        var isLarge = view is { Members.Length: > MaxMesh };
        foreach (var path in table)
            path.IsProbed = !isLarge || path.Rank < 0 || self < 0 || AreNeighbours(view!, self, path.Rank);
    }

    /// <summary>Sends a beat to every target now.</summary>
    public void Beat(ClusterView? view, IHeartbeatPayload payload)
    {
        // Without a view nobody knows a ring yet: many nodes then beat more slowly.
        var crowd = view is null ? Math.Max(1, table.Count / MaxMesh) : 1;
        _nextNs = context.NowNs + (timing.HeartbeatNs * crowd);
        WriteReports(view);
        _turn++;
        var strangers = 0;
        foreach (var path in table)
        {
            // Hearsay of strangers must not multiply the frames.
            var isStranger = path.Rank < 0 && !path.IsConnected;
            if (path.IsProbed && !(isStranger && strangers++ >= MaxMesh))
                SendTo(path, payload);
        }
    }

    /// <summary>Sends a beat to one node that has just connected.</summary>
    public void Greet(LinkPath path, ClusterView? view, IHeartbeatPayload payload)
    {
        WriteReports(view);
        SendTo(path, payload);
    }

    private static bool AreNeighbours(ClusterView view, int a, int b)
    {
        var sequencer = view.RankOf(view.Sequencer);
        if (a == sequencer || b == sequencer)
            return true;
        if (view.Members[a].Role == MemberRole.Voter && view.Members[b].Role == MemberRole.Voter)
            return true;
        var apart = Math.Abs(a - b);
        return Math.Min(apart, view.Members.Length - apart) <= RingNeighbours;
    }

    private void WriteReports(ClusterView? view)
    {
        _counter++;
        _reports.ResetWrittenCount();
        HeartbeatFrame.WriteHeader(_reports, context.Self.Incarnation, _counter, view?.Epoch ?? 0, table.Count);
        foreach (var path in table)
            HeartbeatFrame.WriteReport(_reports, path.Report(context.NowNs));
    }

    private void SendTo(LinkPath path, IHeartbeatPayload payload)
    {
        _body.ResetWrittenCount();
        _body.Write(_reports.WrittenSpan);
        payload.WriteHeartbeat(path.Node, _body);
        var isSilent = context.NowNs - Math.Max(path.DirectNs, path.ConnectedNs) >= timing.PathNs;
        if (path.IsConnected && context.Effects.Output(path.Node) is { } output && (!isSilent || output.LengthBytes < MaxWaitingBytes))
            NodeContext.Write(output, FrameType.Heartbeat, _body.WrittenSpan);
        if (path.IsDirect)
            return;
        var chosen = path.Relay.IsNone ? null : table.Find(path.Relay);
        if (chosen is not null)
            SendThrough(chosen, path);
        if (NextInTurn(path) is { } other && other != chosen)
            SendThrough(other, path);
    }

    /// <summary>One more relay each time: what is known of them may be wrong, and nothing would mend that.</summary>
    private LinkPath? NextInTurn(LinkPath to)
    {
        for (var i = 0; i < table.Count; i++)
        {
            var relay = table[(_turn + i) % table.Count];
            if (relay != to && relay.IsConnected && !relay.IsOver)
                return relay;
        }

        return null;
    }

    private void SendThrough(LinkPath relay, LinkPath to)
    {
        if (context.Effects.Output(relay.Node) is { } output && output.LengthBytes < MaxWaitingBytes)
            RelayFrame.Write(output, context.Self.Node, to.Node, FrameType.Heartbeat, _body.WrittenSpan);
    }
}
