using System.Buffers;
using System.Buffers.Binary;
using Flotilla.Groups.Core.Frames;
using Flotilla.Groups.Core.Links;
using Flotilla.Primitives;

namespace Flotilla.Groups.Core.Log;

/// <summary>The log of one node: puts its parts together, routes frames and disk answers to them.</summary>
internal sealed class ReplicatedLog : IReplicatedLog, IHeartbeatPayload, ILogEvents
{
    private const int HeartbeatBytes = 29;

    private readonly LogState _state;
    private readonly Deliverer _deliverer;
    private readonly LeaseKeeper _lease;
    private readonly Sequencer _sequencer;
    private readonly Follower _follower;
    private readonly Views _views;
    private readonly Fetching _fetching;
    private readonly ChangeMail _mail;
    private readonly Acceptor _acceptor;
    private readonly Proposer _proposer;
    private readonly Strangers _strangers;
    private readonly LiveMembers _living;
    private readonly Leavers _leavers;
    private readonly Planner _planner;
    private readonly Outsider _outsider;
    private readonly Recovery _recovery;
    private readonly Checkpoints _checkpoints;
    private readonly SentLately _refused = new();
    private bool _isStopped;

    /// <param name="context">Of the node.</param>
    /// <param name="peers">The nodes that are connected now.</param>
    public ReplicatedLog(NodeContext context, Func<IEnumerable<NodeId>> peers)
    {
        _state = new LogState(context);
        _deliverer = new Deliverer(_state);
        _lease = new LeaseKeeper(_state);
        _sequencer = new Sequencer(_state, _deliverer, _lease);
        _follower = new Follower(_state, _deliverer, _lease);
        _views = new Views(_state, _deliverer, this);
        _fetching = new Fetching(_state, _deliverer, _views, this);
        _mail = new ChangeMail(_state);
        _acceptor = new Acceptor(_state, _views, _fetching, _lease, _mail);
        _proposer = new Proposer(_state, _views, _fetching, _lease, _mail);
        _strangers = new Strangers(_state);
        _living = new LiveMembers(context);
        _leavers = new Leavers(_state);
        _planner = new Planner(_state, _strangers, _leavers, _sequencer, _acceptor);
        _outsider = new Outsider(_state, _strangers, _living, _acceptor, _proposer, peers);
        _recovery = new Recovery(_state, _views, _acceptor, _deliverer);
        _checkpoints = new Checkpoints(_state, _deliverer);
    }

    /// <summary>A view to keep connections for.</summary>
    public Action<ClusterView> Installed { get; set; } = _ => { };

    /// <summary>This node left in good order.</summary>
    public Action Left { get; set; } = () => { };

    public MemberId Self => _state.Self;

    public ClusterView? View => _state.Current?.View;

    public bool IsMember => _state.IsMember;

    public ulong DeliveredTo => _deliverer.DeliveredTo;

    public bool HasRoom => _state.Submissions.HasRoom;

    public ClusterId Cluster => _state.Identity.Cluster;

    public Lease Lease => _lease.Lease;

    public long RetainedBytes => _state.Log.Bytes + _state.Submissions.Bytes;

    public LogState State => _state;

    public void Attach(ILogConsumer consumer) => _state.Consumer = consumer;

    public ulong Submit(Delivery delivery, ReadOnlySpan<byte> body)
    {
        Invariant.Require(delivery is >= Delivery.Fifo and <= Delivery.SafeDurable && body.Length <= _state.Context.Options.MaxMessageBytes);
        var number = _state.Submissions.Add(delivery, body);
        _sequencer.TakeOwn();
        return number;
    }

    public bool AwaitsCheckpoint => _state is { CanRecover: false, Disk.HasFailed: false, Context.Options.LogOnDisk: true };

    public bool IsLeaving => _state.IsLeaving;

    public bool Holds(ulong sequence) => !_state.IsSealed && _state.Log.Head >= sequence;

    public void StateLoaded(ulong sequence)
    {
        _deliverer.StateLoaded(sequence);
        _checkpoints.Forget(sequence);
    }

    public void PersistCheckpoint(ulong sequence, ReadOnlySpan<byte> piece, bool isLast) => _checkpoints.Persist(sequence, piece, isLast);

    public void OnReplayed(in PersistRecord record)
    {
        if (!_recovery.TryReplay(record))
            throw new FormatException($"a {record.Kind} record (sequence or epoch {record.Sequence}, {record.Body.Length} bytes) is not of this format: the data directory is damaged or foreign");
    }

    public void OnStart(bool isSameBoot)
    {
        _recovery.Finish();
        _lease.OnStart();
        _outsider.OnStart();
        _state.Identity.Begin(!isSameBoot || !_state.Context.Options.LogOnDisk, () => { });
        if (_state.Current is { } current)
        {
            Installed(current.View);
            _state.Context.Effects.Peers(current.View);
        }
    }

    /// <summary>Before every step.</summary>
    public void OnStep() => _lease.Expire();

    /// <summary>After every step: what a proposer said to itself.</summary>
    public void AfterStep()
    {
        while (_mail.TryTake(out var type, out var body))
            OnFrame(_state.Identity.Node, type, body);
        _deliverer.Advance();
        if (_state.Submissions.TakeRoom())
            _state.Consumer.OnRoom();
    }

    public void OnWritten(ulong ticket)
    {
        _state.Disk.OnWritten(ticket);
        _sequencer.FindCommitPoints();
    }

    public void OnFlushed(ulong ticket)
    {
        _state.Disk.OnFlushed(ticket);
        _sequencer.FindCommitPoints();
    }

    public void OnPersistFailed(string reason)
    {
        if (_state.Disk.HasFailed)
            return;
        _state.Disk.OnFailed();
        _state.Context.Report(NodeEventKind.DiskFailed, text: $"{reason}; this node acknowledges nothing any more, and leaves the voters");
    }

    public void OnTick()
    {
        _views.OnTick();
        _proposer.OnTick();
        _outsider.OnTick();
        if (_proposer.Phase == ChangePhase.Idle && _state.Context.NowNs >= _proposer.BackOffUntilNs && _planner.Next() is { } plan)
            _proposer.Begin(plan);
        _sequencer.OnTick();
        _follower.OnTick();
        _checkpoints.OnTick();
        if (_state.IsMember && (_state.Disk.HasFailed || IsOwnDiskBehind()))
            _leavers.Say(isUnfit: true);
        if (_state.IsLeaving && !_isStopped && _leavers.IsDone())
            Leave();
    }

    public void OnStop()
    {
        _leavers.Begin();
        if (!_isStopped && _leavers.IsDone())
            Leave();
    }

    /// <summary>The end of a batch of steps: entries to disk, frames out.</summary>
    public void Flush()
    {
        _sequencer.TakeOwn();
        if (_state.Disk.IsDirty || !_state.Context.Options.LogOnDisk)
        {
            _state.Disk.WriteEntries();
            _sequencer.FindCommitPoints();
        }

        _sequencer.Flush();
        _follower.Flush();
        var prune = Math.Min(Math.Min(_state.StableTo, _deliverer.DeliveredTo), _state.Disk.FlushedTo);
        if (_state.IsMember && _state.HasState && _state.Learned is null)
            _state.Log.PruneTo(prune);
    }

    /// <summary>False when there is nothing to go on with: a member that waits for the state of others would wait for ever.</summary>
    public bool TryDo(ForceBootstrap _)
    {
        if (_state.IsMember && !_state.HasState)
            return false;
        var log = _state.Log;
        var epoch = Math.Max(Math.Max(_state.Epoch, _state.Promised.Epoch), _state.Learned?.Epoch ?? 0) + 1;
        var random = _state.Context.Random;
        var cluster = new ClusterId(random.NextUInt64() | 1, random.NextUInt64());
        var self = _state.Card.AsMember(MemberRole.Voter);
        var past = (View?.Past ?? []).Concat(View?.Members.Select(member => member.Id) ?? []).Where(id => id.Node != Self.Node).Order().ToList();
        var view = new ClusterView
        {
            Cluster = cluster, Epoch = epoch, Members = [self], Sequencer = Self.Node, StartSequence = log.Head + 1, Past = [.. past], IsRecovery = !_state.IsMember && _state.Current is not null,
        };
        _state.Context.Report(NodeEventKind.ChangeBegan, Self.Node, epoch, $"bootstrap forced by hand: this node goes on alone, without the votes of the others, as cluster {cluster}");
        // On disk before the view: no later life takes a view of the new cluster back to the old one.
        _state.Identity.Join(cluster);
        _strangers.Clear();
        _views.Learn(new DecidedView(view, view.IsRecovery ? [0] : _state.Numbers.For(view.Members)), Self.Node);
        return true;
    }

    public void Do(DecideTie decision)
    {
        if (decision.IsGranted && decision.Epoch == _state.Epoch + 1)
            _state.TieWon = decision;
    }

    public void WriteHeartbeat(NodeId to, IBufferWriter<byte> writer)
    {
        var span = writer.GetSpan(HeartbeatBytes);
        BinaryPrimitives.WriteUInt64LittleEndian(span, Cluster.High);
        BinaryPrimitives.WriteUInt64LittleEndian(span[8..], Cluster.Low);
        BinaryPrimitives.WriteUInt64LittleEndian(span[16..], _state.Epoch);
        BinaryPrimitives.WriteUInt32LittleEndian(span[24..], Self.Incarnation);
        span[28] = _state.IsMember && _state.HasState ? (byte)1 : (byte)0;
        writer.Advance(HeartbeatBytes);
    }

    public void ReadHeartbeat(NodeId from, ReadOnlySpan<byte> payload)
    {
        var reader = new FrameReader(payload);
        var (cluster, epoch, _, flags) = (reader.Cluster(), reader.U64(), reader.U32(), reader.U8());
        if (!reader.IsComplete || cluster.IsNone || !_state.Identity.IsReady)
            return;
        if (!Cluster.IsNone && cluster != Cluster)
        {
            // Connected before both were in a cluster; the handshake refuses it from now on.
            _state.Context.Effects.Disconnect(from, $"it is in cluster {cluster} now, this node in {Cluster}");
            return;
        }

        if (flags == 1)
            _living.Add(from);
        _views.OnEpochOf(from, epoch);
    }

    /// <summary>False for one that makes no sense.</summary>
    public bool OnFrame(NodeId from, FrameType type, ReadOnlySpan<byte> body)
    {
        if (!_state.Identity.IsReady || from.IsNone)
            return true;
        return type is FrameType.Submit or FrameType.SubmitAsk or FrameType.Append or FrameType.Ack ? OnStream(from, type, body) : OnChange(from, type, body);
    }

    private bool OnStream(NodeId from, FrameType type, ReadOnlySpan<byte> body)
    {
        switch (type)
        {
            case FrameType.Append when AppendFrame.TryRead(body, out var append):
                _views.OnEpochOf(from, append.Epoch);
                _follower.OnAppend(from, append);
                return true;
            case FrameType.Ack when AckFrame.TryRead(body, out var ack):
                _views.OnEpochOf(from, ack.Epoch);
                _sequencer.OnAck(from, ack);
                return true;
            case FrameType.Submit when SubmitFrame.TryRead(body, out var submit):
                _views.OnEpochOf(from, submit.Epoch);
                _sequencer.OnSubmit(from, submit);
                return true;
            case FrameType.SubmitAsk when SubmitAskFrame.TryRead(body, out var ask):
                _follower.OnSubmitAsk(from, ask);
                return true;
            default:
                return false;
        }
    }

    private bool OnChange(NodeId from, FrameType type, ReadOnlySpan<byte> body)
    {
        switch (type)
        {
            case FrameType.Fetch when FetchFrame.TryRead(body, out var fetch):
                _fetching.OnFetch(from, fetch);
                return true;
            case FrameType.Entries when EntriesFrame.TryRead(body, out var entries):
                if (_fetching.OnEntries(entries))
                    _proposer.OnEntries();
                return true;
            case FrameType.Probe when ProbeFrame.TryRead(body, out var probe):
                OnProbe(from, probe);
                return true;
            case FrameType.ProbeAnswer when ProbeAnswerFrame.TryRead(body, out var answer):
                _proposer.OnProbeAnswer(from, answer);
                return true;
            case FrameType.Prepare when PrepareFrame.TryRead(body, out var prepare):
                _acceptor.OnPrepare(from, prepare, _outsider.MayFound);
                return true;
            case FrameType.Promise when PromiseFrame.TryRead(body, out var promise):
                _proposer.OnPromise(from, promise!);
                return true;
            case FrameType.Decline when DeclineFrame.TryRead(body, out var decline):
                _proposer.OnDecline(decline);
                return true;
            case FrameType.Accept when AcceptFrame.TryRead(body, out var accept):
                _acceptor.OnAccept(from, accept, _outsider.MayFound);
                return true;
            case FrameType.Accepted when AcceptedFrame.TryRead(body, out var accepted):
                _proposer.OnAccepted(from, accepted);
                return true;
            default:
                return OnMembership(from, type, body);
        }
    }

    private bool OnMembership(NodeId from, FrameType type, ReadOnlySpan<byte> body)
    {
        var reader = new FrameReader(body);
        switch (type)
        {
            case FrameType.Install when ViewCodec.Read(ref reader) is { } decided && reader.IsComplete:
                _views.Learn(decided, from);
                return true;
            case FrameType.ViewAsk when ViewAskFrame.TryRead(body, out var ask):
                if (ask.Epoch < _state.Epoch)
                    _views.Tell(from);
                return true;
            case FrameType.Join when JoinFrame.TryRead(body, out var join):
                OnJoin(from, join!, body);
                return true;
            case FrameType.JoinRefused when JoinRefusedFrame.TryRead(body, out var refused):
                _outsider.OnRefused(refused, Reincarnate);
                return true;
            case FrameType.Leave when LeaveFrame.TryRead(body, out var leave):
                _leavers.OnLeave(from, leave);
                return true;
            case FrameType.Found when FoundFrame.TryRead(body, out var found):
                if (found!.Card.Id.Node == from)
                    _strangers.Add(found);
                return true;
            default:
                return false;
        }
    }

    /// <summary>Others that fall behind are demoted by the sequencer. When it is the sequencer's own disk that stalls, the others must do without it.</summary>
    private bool IsOwnDiskBehind()
        => _state.IsSequencer && _state.Log.BytesBetween(_state.Disk.FlushedTo, _state.Log.Head) > _state.Context.Options.MaxLagBytes / 2;

    private void OnProbe(NodeId from, in ProbeFrame probe)
    {
        _views.OnEpochOf(from, probe.Epoch);
        if (probe.Epoch != _state.Epoch || View is null)
            return;
        var supports = IsMember ? _planner.Supports(from) : !_living.Includes(View!.Sequencer);
        new ProbeAnswerFrame(probe.Epoch, probe.Number, supports).Write(_state.Builder);
        _state.Send(from, FrameType.ProbeAnswer);
    }

    private void OnJoin(NodeId from, JoinFrame join, ReadOnlySpan<byte> body)
    {
        var id = join.Card.Id;
        if (id.Node == _state.Identity.Node || (!join.Cluster.IsNone && !Cluster.IsNone && join.Cluster != Cluster))
            return;
        if (from == id.Node)
            _views.OnEpochOf(from, join.Epoch);
        _strangers.Add(join);
        if (!IsMember || View!.Contains(id))
            return;
        var highest = Views.HighestOf(View, id.Node);
        if (id.Incarnation <= highest && from == id.Node && _refused.IsDue(from, _state.Context.NowNs, _state.Context.Options.HeartbeatNs))
        {
            new JoinRefusedFrame(highest).Write(_state.Builder);
            _state.Send(from, FrameType.JoinRefused);
        }
        else if (id.Incarnation > highest && !_state.IsSequencer && from == id.Node && View.Sequencer != id.Node)
        {
            _state.Context.Send(View.Sequencer, FrameType.Join, body);
        }
    }

    void ILogEvents.OnInstalled(DecidedView decided)
    {
        _proposer.Stop();
        _planner.OnInstalled();
        _strangers.OnInstalled(decided.View);
        Installed(decided.View);
        _state.Context.Effects.Peers(decided.View);
        _sequencer.End();
        if (!_state.IsMember)
            return;
        if (!_deliverer.IsOpen)
        {
            _checkpoints.Forget(0);
            if (decided.View.IsRecovery)
                _recovery.Begin(decided);
            else if (decided.Cut == 0)
                _deliverer.BeginEmpty();
            else
                _recovery.TellAside();
            _recovery.Forget();
        }

        _sequencer.Begin(decided);
        _follower.Begin();
    }

    void ILogEvents.OnVoid() => _recovery.SetAside();

    void ILogEvents.OnEvicted(string why, uint highestIncarnation)
    {
        _lease.Lose();
        var id = Self;
        _state.IsOut = true;
        _sequencer.End();
        _proposer.Stop();
        _deliverer.Close();
        _recovery.Forget();
        _checkpoints.Forget(0);
        _state.Submissions.Forget();
        _state.Context.Effects.Evicted(id, why);
        _state.Consumer.OnEvicted(why);
        if (_state.IsLeaving)
            Leave();
        else
            Reincarnate(highestIncarnation);
    }

    private void Reincarnate(uint above)
    {
        _state.IsOut = true;
        _state.Submissions.Forget();
        _state.Identity.Next(above, () => _state.IsOut = false);
    }

    private void Leave()
    {
        _isStopped = true;
        _lease.Lose();
        _state.IsOut = true;
        Left();
        _state.Context.Effects.Stopped();
    }
}
