using Flotilla.Groups.Core.Frames;
using Flotilla.Primitives;

namespace Flotilla.Groups.Core.Links;

/// <summary>
/// The paths between nodes: who hears whom, what goes through a relay, who is gone. The machine tells it of connections, frames, ticks and
/// views; it hands on the frames that are not its own.
/// </summary>
internal sealed class LinkMonitor : ILinks
{
    private readonly NodeContext _context;
    private readonly IHeartbeatPayload _payload;
    private readonly LinkTiming _timing;
    private readonly LinkTable _table = new();
    private readonly SelfDoubt _doubt;
    private readonly Routes _routes;
    private readonly Heartbeats _heartbeats;
    private readonly CutDetector _detector;
    private readonly List<NodeId> _known = [];
    private ClusterView? _view;
    private bool _wasInDoubt;

    public LinkMonitor(NodeContext context, IHeartbeatPayload payload)
    {
        _context = context;
        _payload = payload;
        _timing = new LinkTiming(context.Options);
        _doubt = new SelfDoubt(_timing);
        _routes = new Routes(context, _table, _timing);
        _heartbeats = new Heartbeats(context, _table, _timing);
        _detector = new CutDetector(context, _table, _timing, _doubt);
    }

    public StayingMembers? Verdict => _detector.Verdict;

    public bool IsInDoubtOfItself => _doubt.IsInDoubt;

    public IReadOnlyCollection<NodeId> Known => _known;

    /// <summary>Before its incarnation is on disk a node says nothing.</summary>
    private bool HasLife => _context.Self.Incarnation != 0;

    public NodeId NextHop(NodeId to) => _table.Find(to)?.Hop ?? default;

    public bool IsReachable(NodeId node)
        => _table.Find(node) is { } path && !path.IsOver && (path.IsDirect || !path.Relay.IsNone) && !path.Hop.IsNone;

    public long LastHeardNs(NodeId node)
        => node == _context.Self.Node ? _context.NowNs
            : _table.Find(node) is { } path && path.HeardNs != LinkTiming.Never ? path.HeardNs
            : long.MinValue;

    public bool IsConfirmedGone(MemberId member)
        => member.Node == _context.Self.Node ? member.Incarnation < _context.Self.Incarnation : IsLifeOver(_table.Find(member.Node), member);

    public bool IsSuspected(MemberId member) => IsConfirmedGone(member) || _detector.IsOut(member.Node);

    /// <summary>The highest incarnation anybody told of; 0 for none.</summary>
    public uint LatestIncarnation(NodeId node) => _table.Find(node)?.Incarnation ?? 0;

    public void OnPeerUp(PeerHello hello)
    {
        Invariant.Require(hello.Id.Node != _context.Self.Node);
        NoticePause();
        if (_table.Track(hello.Id.Node) is not { } path)
            return;
        path.Connect(_context.NowNs, hello.Id.Incarnation);
        var isNews = path.Incarnation != 0 && path.Advance(hello.Id.Incarnation, 0, _context.NowNs);
        path.Advance(hello.Id.Incarnation, 0, _context.NowNs);
        _heartbeats.SetTargets(_view);
        _routes.Update();
        if (isNews)
            SpreadNews();
        else if (HasLife)
            _heartbeats.Greet(path, _view, _payload);
    }

    public void OnPeerDown(NodeId peer, PeerLoss loss)
    {
        NoticePause();
        // That the process is gone is told after the end of its connection, when its host refused another.
        if (_table.Find(peer) is not { } path || (!path.IsConnected && loss != PeerLoss.ProcessGone))
            return;
        path.Disconnect();
        var isNews = loss == PeerLoss.ProcessGone && path.End(path.ConnectedIncarnation, hasLeft: false);
        _routes.Update();
        if (isNews)
            SpreadNews();
    }

    /// <summary>
    /// Takes a frame as it came, type first. True with a frame for the log or the layer, unwrapped, and the node that wrote it; false when it was one of
    /// the links' own, went on to its destination, or was no good.
    /// </summary>
    public bool OnFrame(NodeId peer, ReadOnlySpan<byte> frame, out NodeId from, out FrameType type, out ReadOnlySpan<byte> body)
    {
        from = peer;
        type = FrameType.None;
        body = default;
        NoticePause();
        if (frame.IsEmpty || _table.Find(peer) is not { } path)
            return Reject(peer, "an empty frame, or one of an unknown node");
        path.DirectNs = path.HeardNs = _context.NowNs;
        if (path.ConnectedIncarnation == path.Incarnation)
            path.FreshNs = _context.NowNs;
        type = (FrameType)frame[0];
        body = frame[1..];
        if (type == FrameType.Relay)
        {
            if (!RelayFrame.TryRead(body, out from, out var destination, out type, out body))
                return Reject(peer, "a relayed frame that is none");
            if (destination != _context.Self.Node)
                return Relay(peer, from, destination, type, body);
            if (from == _context.Self.Node || _table.Track(from) is not { } origin)
                return false;
            origin.HeardNs = _context.NowNs;
        }

        switch (type)
        {
            case FrameType.Heartbeat:
                TakeHeartbeat(from, body, isDirect: from == peer);
                return false;
            case FrameType.Goodbye:
                TakeGoodbye(from, body);
                return false;
            default:
                return true;
        }
    }

    public void OnTick()
    {
        NoticePause();
        _doubt.Tick(_context.NowNs, _detector.HearsMajoritySince(_doubt.FloorNs));
        _doubt.IsDeaf = _detector.HearsNobody();
        _table.Forget(_context.NowNs, _timing.ForgetNs);
        _routes.Update();
        if (HasLife && _heartbeats.IsDue)
            _heartbeats.Beat(_view, _payload);
        FindKnown();
        _detector.Evaluate();
        if (_wasInDoubt && !_doubt.IsInDoubt)
            _context.Report(NodeEventKind.SelfDoubt, text: "trusts its ears again");
        else if (!_wasInDoubt && _doubt.IsDeaf)
            _context.Report(NodeEventKind.SelfDoubt, text: "hears nobody");
        _wasInDoubt = _doubt.IsInDoubt;
    }

    /// <summary>The view to watch: the one installed, or at a restart the last one on disk.</summary>
    public void OnView(ClusterView view)
    {
        Invariant.Require(view.Members.Length <= HeartbeatFrame.MaxReports / 2);
        foreach (var path in _table)
            path.Rank = -1;
        var before = _view;
        _view = view;
        for (var rank = 0; rank < view.Members.Length; rank++)
        {
            var id = view.Members[rank].Id;
            if (id.Node == _context.Self.Node)
                continue;
            var path = _table.Track(id.Node);
            Invariant.Require(path is not null);
            path.Rank = rank;
            path.Advance(id.Incarnation, 0, _context.NowNs);
            if (before is null || !before.Contains(id))
                path.MemberSinceNs = _context.NowNs;
        }

        _heartbeats.SetTargets(view);
        _detector.SetView(view, view.Members.Length > Heartbeats.MaxMesh);
        FindKnown();
        _routes.Update();
        _detector.Evaluate();
    }

    /// <summary>Tells everybody that this life is over. Only when it acts no more for any view.</summary>
    public void SayGoodbye()
    {
        Span<byte> body = stackalloc byte[GoodbyeFrame.SizeBytes];
        GoodbyeFrame.Write(body, _context.Self.Incarnation);
        foreach (var path in _table)
            _context.Send(path.Node, FrameType.Goodbye, body);
    }

    public static bool IsLifeOver(LinkPath? path, MemberId member)
        => path is not null && (member.Incarnation < path.Incarnation || member.Incarnation <= path.OverTo);

    private void TakeHeartbeat(NodeId from, ReadOnlySpan<byte> body, bool isDirect)
    {
        if (!HeartbeatFrame.TryRead(body, out var beat))
        {
            Reject(from, "a heartbeat that is none");
            return;
        }

        var path = _table.Track(from);
        var nowNs = _context.NowNs;
        if (path is null || beat.Incarnation < path.Incarnation)
            return;
        if (isDirect)
            path.SpokeDirectly(beat.Incarnation);
        var isNews = beat.Incarnation > path.Incarnation;
        path.Advance(beat.Incarnation, beat.Counter, nowNs);
        foreach (var report in beat)
            isNews |= TakeNews(report);
        if (path.BeginVector(beat.Incarnation, beat.Counter, nowNs, _table.SlotCount))
        {
            foreach (var report in beat)
            {
                if (report.Node == _context.Self.Node)
                    path.SetAge(LinkTable.SelfSlot, report.AgeMs);
                else if (_table.Find(report.Node) is { } other)
                    path.SetAge(other.Slot, report.AgeMs);
            }

            _payload.ReadHeartbeat(from, beat.Payload);
        }

        if (isNews)
            SpreadNews();
    }

    /// <summary>What a node knows of another. True when a life is over that was not known to be. Strangers are noted only while somebody hears them: else they would never be forgotten.</summary>
    private bool TakeNews(in LinkReport report)
    {
        if (report.Node == _context.Self.Node)
            return false;
        var other = _table.Find(report.Node);
        if (other is null && report.AgeMs >= 0 && report.AgeMs * 1_000_000L < _timing.SuspectNs)
            other = _table.Track(report.Node);
        if (other is null)
            return false;
        var isNews = other.Incarnation != 0 && report.Incarnation > other.Incarnation;
        isNews |= report.OverTo != 0 && other.End(report.OverTo, report.HasLeft);
        other.Advance(report.Incarnation, report.Counter, _context.NowNs);
        return isNews;
    }

    private void TakeGoodbye(NodeId from, ReadOnlySpan<byte> body)
    {
        if (!GoodbyeFrame.TryRead(body, out var incarnation))
            Reject(from, "a goodbye that is none");
        else if (_table.Find(from) is { } path && path.End(incarnation, hasLeft: true))
            SpreadNews();
    }

    /// <summary>A life began or ended: everybody should know now, not with the next beat.</summary>
    private void SpreadNews()
    {
        if (HasLife)
            _heartbeats.Beat(_view, _payload);
        _detector.Evaluate();
    }

    /// <summary>
    /// Hands a frame to its destination. Only what its origin gave us itself, and only to the destination itself: so no frame takes more than two steps,
    /// whatever nodes believe of each other's paths.
    /// </summary>
    private bool Relay(NodeId peer, NodeId origin, NodeId destination, FrameType type, ReadOnlySpan<byte> body)
    {
        var mayLoop = Planted.Is(PlantedBug.RelayLoops);
        if (origin != peer && !mayLoop)
            return Reject(peer, "a frame that was relayed before");
        var hop = mayLoop ? NextHop(destination) : destination;
        if (!hop.IsNone && _context.Effects.Output(hop) is { } output && output.LengthBytes < _context.Options.MaxLagBytes)
            RelayFrame.Write(output, origin, destination, type, body);
        return false;
    }

    private bool Reject(NodeId peer, string what)
    {
        _context.Report(NodeEventKind.BadFrame, peer, text: what);
        return false;
    }

    private void NoticePause()
    {
        if (_doubt.Notice(_context.NowNs) is var gapNs and > 0)
            _context.Report(NodeEventKind.SelfDoubt, number: (ulong)gapNs / 1_000_000, text: $"was paused for {gapNs / 1_000_000} ms");
    }

    private void FindKnown()
    {
        _known.Clear();
        foreach (var path in _table)
        {
            if (path.Rank < 0 && !path.IsOver && _context.NowNs - path.HeardNs < 2 * _timing.SuspectNs)
                _known.Add(path.Node);
        }
    }
}
