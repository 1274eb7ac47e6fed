using System.Collections.Immutable;
using Flotilla.Groups.Core.Frames;

namespace Flotilla.Groups.Core.Log;

/// <summary>Carries one view change from the probe to the installation. Paxos: whatever was accepted before is proposed again.</summary>
internal sealed class Proposer(LogState state, Views views, Fetching fetching, LeaseKeeper lease, ChangeMail mail)
{
    /// <summary>Of the time a majority gets: a disk that is slower still can't have a vote.</summary>
    private const int MaxDoublings = 2;

    private readonly Promises _promises = new(state);
    private readonly List<NodeId> _supporters = [];
    private ChangePlan? _plan;
    private Ballot _ballot;
    private DecidedView? _value;
    private uint _roundSeen;
    private uint _probe;
    private int _attempt;
    private int _failures;
    private int _timeouts;
    private long _sinceNs;
    private bool _hasMajority;
    private long _majorityTookNs;
    private long _sentNs;
    private long _tieAskedNs = long.MinValue / 2;

    public ChangePhase Phase { get; private set; }

    /// <summary>Not before: others go first.</summary>
    public long BackOffUntilNs { get; private set; } = long.MinValue / 2;

    private long NowNs => state.Context.NowNs;

    private NodeOptions Options => state.Context.Options;

    /// <summary>How long it waits for stayers, even when it has a majority. Where the disks of a majority are slow, those of the others are: they get the time again, thrice.</summary>
    private long PatienceNs => Math.Max(Options.SuspectNs, _majorityTookNs + Math.Min(3 * _majorityTookNs, 3 * Options.SuspectNs));

    /// <summary>A majority may take so long to answer; longer after it was not long enough, as flushes may take longer.</summary>
    private long TimeoutNs => (3 * Options.SuspectNs) << Math.Min(_timeouts, MaxDoublings);

    public void Begin(ChangePlan plan)
    {
        _plan = plan;
        state.Context.Report(NodeEventKind.ChangeBegan, number: state.Epoch + 1, text: plan.Why);
        _supporters.Clear();
        _probe++;
        var isProbing = plan.NeedsProbe && !IsSupported();
        Enter(isProbing ? ChangePhase.Probing : ChangePhase.Preparing);
        if (!isProbing)
            Prepare();
        Repeat();
    }

    /// <summary>The view moved on, or this node is out.</summary>
    public void Stop()
    {
        Phase = ChangePhase.Idle;
        (_failures, _timeouts) = (0, 0);
        _plan = null;
        _value = null;
        _promises.Clear();
    }

    public void OnTick()
    {
        if (Phase == ChangePhase.Idle)
            return;
        if (_ballot.Epoch != state.Epoch + 1 && Phase != ChangePhase.Probing)
        {
            Stop();
            return;
        }

        if (Phase == ChangePhase.Preparing)
            TryChoose();
        if (Phase == ChangePhase.Fetching)
            OnEntries();
        if (Phase == ChangePhase.WaitingForLeases)
            TryInstall();
        if (Phase is ChangePhase.Probing or ChangePhase.Fetching && NowNs - _sinceNs > Options.SuspectNs)
            Fail("nobody answered in time");
        else if (Phase is ChangePhase.Preparing or ChangePhase.Accepting && !_hasMajority && NowNs - _sinceNs > TimeoutNs)
            TimeOut();
        if (NowNs - _sentNs >= Options.HeartbeatNs / 2)
            Repeat();
    }

    public void OnProbeAnswer(NodeId from, in ProbeAnswerFrame frame)
    {
        if (Phase != ChangePhase.Probing || frame.Epoch != state.Epoch || frame.Number != _probe || !frame.Supports || _supporters.Contains(from))
            return;
        _supporters.Add(from);
        if (!IsSupported())
            return;
        Enter(ChangePhase.Preparing);
        Prepare();
        Repeat();
    }

    /// <summary>Half is enough, this node's own vote counted: a tie may be decided later. It alone may be, when it has the weight: then nobody needs to answer.</summary>
    private bool IsSupported()
    {
        var view = state.Current!.View;
        var weight = view.Find(state.Self.Node) is { } self ? Votes.WeightOf(self) : 0;
        foreach (var supporter in _supporters)
            weight += view.Find(supporter) is { } member ? Votes.WeightOf(member) : 0;
        return 2 * weight >= Votes.Total(view);
    }

    public void OnPromise(NodeId from, PromiseFrame promise)
    {
        if (promise.Ballot != _ballot || promise.Card.Id.Node != from || Phase == ChangePhase.Idle)
            return;
        _promises.Add(promise, NowNs + promise.LeaseWaitNs + lease.DriftOf(promise.LeaseWaitNs));
        if (Phase == ChangePhase.Preparing)
            TryChoose();
    }

    public void OnDecline(in DeclineFrame frame)
    {
        if (frame.Ballot != _ballot || Phase is ChangePhase.Idle or ChangePhase.Probing)
            return;
        if (frame.Promised.Epoch == _ballot.Epoch)
            _roundSeen = Math.Max(_roundSeen, frame.Promised.Round);
        Fail("somebody else proposes");
    }

    public void OnAccepted(NodeId from, in AcceptedFrame frame)
    {
        if (Phase != ChangePhase.Accepting || (frame.Ballot != _ballot && !Planted.Is(PlantedBug.CountAnyBallot)))
            return;
        _promises.AddAccepted(from);
        var isEnough = state.Current is { } before ? _promises.AreAccepted(before.View, _value!.View) : _promises.AreAllAccepted(_value!.View);
        if (!isEnough)
            return;
        Enter(ChangePhase.WaitingForLeases);
        TryInstall();
    }

    /// <summary>Entries came: perhaps the own log reaches to the cut.</summary>
    public void OnEntries()
    {
        if (Phase == ChangePhase.Fetching)
            TryPropose();
    }

    private void Enter(ChangePhase phase)
    {
        Phase = phase;
        _sinceNs = NowNs;
        (_hasMajority, _majorityTookNs) = (false, 0);
        _attempt = 0;
    }

    private void Prepare()
    {
        var epoch = state.Epoch + 1;
        if (state.Promised.Epoch == epoch)
            _roundSeen = Math.Max(_roundSeen, state.Promised.Round);
        _ballot = new Ballot(epoch, ++_roundSeen, state.Self.Node);
        _promises.Clear();
        _value = null;
    }

    private void Repeat()
    {
        _sentNs = NowNs;
        switch (Phase)
        {
            case ChangePhase.Probing:
                Broadcast(FrameType.Probe, () => new ProbeFrame(state.Epoch, _probe).Write(state.Builder), withSelf: false);
                break;
            case ChangePhase.Preparing:
                Broadcast(FrameType.Prepare, () => new PrepareFrame(_ballot, state.Current).Write(state.Builder));
                break;
            case ChangePhase.Fetching:
                if (_promises.Holder(Target(), state.Log.Head, _attempt++ / 2) is { IsNone: false } holder)
                    fetching.Ask(holder, _ballot, Target());
                break;
            case ChangePhase.Accepting or ChangePhase.WaitingForLeases:
                Broadcast(FrameType.Accept, () => new AcceptFrame(_ballot, _value!).Write(state.Builder));
                break;
            case ChangePhase.Idle:
                break;
        }
    }

    /// <summary>To all nodes of the old view, whatever lives they have now, and to those who come, who so learn the old view; of a first view to its founders.</summary>
    private void Broadcast(FrameType type, Action build, bool withSelf = true)
    {
        var targets = state.Current?.View.Members.Select(member => member.Id.Node) ?? _plan!.Founders.Select(card => card.Id.Node);
        foreach (var node in targets.Concat(_plan!.Join.Select(card => card.Id.Node)).Distinct().ToArray())
        {
            if (node == state.Self.Node && !withSelf)
                continue;
            build();
            mail.Send(node, type);
        }
    }

    private void TryChoose()
    {
        if (_plan!.IsGenesis)
        {
            TryFound();
            return;
        }

        if (_promises.Of(state.Self.Node) is not { } own || own.HeadEpoch != state.Epoch)
            return;
        var old = state.Current!.View;
        var holds = _promises.HoldMajority(old, out var isTie);
        if (isTie && !holds && NowNs - _sinceNs >= PatienceNs)
            AskForTieBreak(old);
        if (holds && !_hasMajority)
            _majorityTookNs = NowNs - _sinceNs;
        _hasMajority = holds;
        if (!holds)
            return;
        if (IsSomebodyMissing(old) && NowNs - _sinceNs < PatienceNs)
            return;
        if (_plan.IsRecovery && _promises.All.Any(promise => promise.Is(PromiseFlags.IsMember | PromiseFlags.HasState)))
        {
            Fail("a member of the view lives: it goes first");
            return;
        }

        _value = _promises.Found(_ballot.Epoch);
        Enter(ChangePhase.Fetching);
        TryPropose();
        if (Phase == ChangePhase.Fetching)
            Repeat();
    }

    /// <summary>Somebody who is to stay has not promised yet.</summary>
    private bool IsSomebodyMissing(ClusterView old)
    {
        foreach (var member in old.Members)
        {
            if (_promises.Of(member.Id.Node) is null && (_plan!.IsRecovery || !_plan.Go.Contains(member.Id)))
                return true;
        }

        return false;
    }

    private ulong Target() => _value?.Cut ?? _promises.Cut();

    private void TryPropose()
    {
        var cut = Target();
        if (state.Log.Head < cut || state.Log.HeadEpoch != state.Epoch)
            return;
        if (_value is null && _plan!.IsRecovery && cut < state.Log.Head)
            return;
        _value ??= NextView.Build(state, _plan!, _promises.All, cut);
        if (_value is null)
        {
            Fail("nobody who stays could vote");
            return;
        }

        fetching.WantedTo = cut;
        Enter(ChangePhase.Accepting);
        Repeat();
    }

    /// <summary>
    /// A first view needs every founder, so one that some founder here never accepted was not decided and never will be. One that all its founders who
    /// are here accepted may have been.
    /// </summary>
    private void TryFound()
    {
        if (_plan!.Founders.Any(card => _promises.Of(card.Id.Node) is null))
            return;
        var found = _promises.Found(1);
        if (found is not null)
        {
            var here = found.View.Members.Where(member => _promises.Of(member.Id.Node) is not null).ToList();
            var acceptedByAll = here.All(member => _promises.Of(member.Id.Node)!.Accepted?.View.Cluster == found.View.Cluster);
            if (acceptedByAll && here.Count < found.View.Members.Length)
            {
                Fail($"a founding with {string.Join(", ", found.View.Members.Except(here).Select(member => member.Name))} may have succeeded; wait for them, or force a bootstrap");
                return;
            }

            if (!acceptedByAll)
                found = null;
        }

        var random = state.Context.Random;
        _value = found ?? NextView.First(new ClusterId(random.NextUInt64() | 1, random.NextUInt64()), state.Self.Node, _plan.Founders, Options.MaxVoters);
        Enter(ChangePhase.Accepting);
        Repeat();
    }

    private void TryInstall()
    {
        var decided = _value!;
        if (state.Current is { } before && IsSomebodyNotSurelyGone(before.View, decided.View) && NowNs < _promises.LeasesUntilNs
            && !Planted.Is(PlantedBug.IgnoreLeaseWait))
        {
            return;
        }

        var targets = (state.Current?.View.Members ?? []).Concat(decided.View.Members).Select(member => member.Id.Node).Distinct().ToImmutableArray();
        Stop();
        _roundSeen = 0;
        foreach (var node in targets)
        {
            if (node == state.Self.Node)
                continue;
            ViewCodec.Write(state.Builder.Clear(), decided);
            state.Send(node, FrameType.Install);
        }

        views.Learn(decided, state.Self.Node);
    }

    /// <summary>A member is dropped whose lease may still run.</summary>
    private bool IsSomebodyNotSurelyGone(ClusterView old, ClusterView next)
    {
        foreach (var member in old.Members)
        {
            if (next.Contains(member.Id) || (!Options.AlwaysWaitsForLeases && state.Context.Links.IsConfirmedGone(member.Id)))
                continue;
            var promise = _promises.Of(member.Id.Node);
            if (promise is null || (promise.Card.Id == member.Id && !promise.Is(PromiseFlags.Farewell)))
                return true;
        }

        return false;
    }

    private void AskForTieBreak(ClusterView old)
    {
        if (NowNs - _tieAskedNs < 2 * Options.SuspectNs)
            return;
        _tieAskedNs = NowNs;
        var here = _promises.All.Select(promise => promise.Card.Id).Where(id => old.Find(id.Node) is { Role: MemberRole.Voter }).ToImmutableArray();
        ImmutableArray<MemberId> silent = [.. old.Members.Where(member => _promises.Of(member.Id.Node) is null).Select(member => member.Id)];
        state.Context.Effects.TieBreakNeeded(new TieBreak(old.Cluster, old.Epoch + 1, here, silent));
        state.Context.Report(NodeEventKind.Waiting, number: old.Epoch + 1, text: "half of the votes: a witness, a weight or a fence must decide");
    }

    private string Missing()
    {
        var missing = state.Current?.View.Members.Where(member => _promises.Of(member.Id.Node) is null).Select(member => member.Name);
        return missing is null ? "founders" : string.Join(", ", missing);
    }

    private void TimeOut()
    {
        _timeouts++;
        Fail($"no majority answered in time: {Missing()}");
    }

    private void Fail(string why)
    {
        state.Context.Report(NodeEventKind.ChangeFailed, number: _ballot.Epoch, text: why);
        Phase = ChangePhase.Idle;
        _value = null;
        _failures = Math.Min(_failures + 1, 5);
        var rank = Math.Max(0, state.Current?.View.RankOf(state.Self.Node) ?? 0);
        var steps = (rank % 8) + state.Context.Random.Next(2 * _failures);
        BackOffUntilNs = NowNs + (steps * Options.HeartbeatNs) + (Options.HeartbeatNs / 2);
    }
}
