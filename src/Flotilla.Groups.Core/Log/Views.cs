using Flotilla.Groups.Core.Frames;
using Flotilla.Primitives;

namespace Flotilla.Groups.Core.Log;

/// <summary>Decided views: learns them from whoever tells, completes the log to where they begin, and puts them in their place.</summary>
internal sealed class Views(LogState state, Deliverer deliverer, ILogEvents events)
{
    private readonly SentLately _told = new();
    private readonly SentLately _asked = new();
    private NodeId _source;
    private int _attempts;
    private long _fetchedNs;
    private bool _mustRecover;

    /// <summary>Somebody knows that this view was decided.</summary>
    public void Learn(DecidedView decided, NodeId from)
    {
        if (decided.Epoch <= Math.Max(state.Epoch, state.Learned?.Epoch ?? 0))
            return;
        if (IsForeign(decided, from))
            return;
        var wasMember = state.IsMember;
        var isIn = state.Identity.IsReady && !state.IsOut && decided.View.Contains(state.Self);
        if (wasMember && !isIn)
        {
            Adopt(decided);
            events.OnEvicted($"the view of epoch {decided.Epoch} is without it", Highest(decided.View));
            return;
        }

        if (isIn && !wasMember && !decided.View.IsRecovery && decided.Epoch > 1 && decided.Cut > 0)
        {
            Enter(decided);
            return;
        }

        if (!isIn && decided.View.Find(state.Identity.Node) is not { Role: MemberRole.Voter })
        {
            Adopt(decided);
            return;
        }

        Require(state, decided, wasMember);
        state.Learned = decided;
        (_source, _attempts, _fetchedNs, _mustRecover) = (from, 0, long.MinValue / 2, isIn && !wasMember);
        Complete();
    }

    /// <summary>Whether a view is of another cluster than this node's.</summary>
    public bool IsForeign(DecidedView decided, NodeId from)
    {
        var cluster = state.Identity.Cluster;
        if (cluster.IsNone || cluster == decided.View.Cluster)
            return false;
        state.Context.Report(NodeEventKind.BadFrame, from, text: $"a view of another cluster, {decided.View.Cluster}, not {cluster}");
        return true;
    }

    /// <summary>Entries came; perhaps the log reaches to the view now.</summary>
    public void Complete()
    {
        if (state.Learned is not { } decided || state.Log.Head < decided.Cut)
            return;
        state.Learned = null;
        Install(decided);
    }

    public void OnTick()
    {
        Complete();
        if (state.Learned is not { } decided || state.Context.NowNs - _fetchedNs < state.Context.Options.HeartbeatNs)
            return;
        _fetchedNs = state.Context.NowNs;
        var sources = decided.View.Members;
        var to = _attempts % 3 == 0 ? _source : _attempts % 3 == 1 ? decided.View.Sequencer : sources[_attempts / 3 % sources.Length].Id.Node;
        _attempts++;
        if (to == state.Self.Node || to.IsNone)
            return;
        new FetchFrame(new Ballot(decided.Epoch, 0, default), state.Log.Head, state.Log.HeadEpoch, decided.Cut).Write(state.Builder);
        state.Send(to, FrameType.Fetch);
    }

    /// <summary>Somebody spoke of an epoch that is not this node's: the one who is behind learns.</summary>
    public void OnEpochOf(NodeId node, ulong epoch)
    {
        if (node == state.Self.Node || epoch == state.Epoch)
            return;
        if (epoch < state.Epoch)
            Tell(node);
        else if (epoch > (state.Learned?.Epoch ?? 0) && _asked.IsDue(node, state.Context.NowNs, state.Context.Options.HeartbeatNs))
        {
            new ViewAskFrame(state.Epoch).Write(state.Builder);
            state.Send(node, FrameType.ViewAsk);
        }
    }

    /// <summary>Tells a node the newest view, unless it was told a moment ago.</summary>
    public void Tell(NodeId node)
    {
        if (state.Current is not { } current || node == state.Self.Node || !_told.IsDue(node, state.Context.NowNs, state.Context.Options.HeartbeatNs / 2))
            return;
        ViewCodec.Write(state.Builder.Clear(), current);
        state.Send(node, FrameType.Install);
    }

    /// <summary>From the own disk.</summary>
    public void Restore(DecidedView decided)
    {
        if (decided.Epoch > state.Epoch)
            state.Current = decided;
    }

    /// <summary>The highest incarnation of this node that a view knows of.</summary>
    private uint Highest(ClusterView view) => HighestOf(view, state.Identity.Node);

    public static uint HighestOf(ClusterView view, NodeId node)
    {
        var highest = view.Find(node)?.Id.Incarnation ?? 0;
        foreach (var past in view.Past)
        {
            if (past.Node == node)
                highest = Math.Max(highest, past.Incarnation);
        }

        return highest;
    }

    /// <summary>
    /// A member that stays promised, so it has not taken more than the cut; and it was in the view before. A bootstrap forced by hand, with this node alone,
    /// passes over the epochs that were only promised.
    /// </summary>
    private static void Require(LogState state, DecidedView decided, bool isMember)
        => Invariant.Require(!isMember || decided.Epoch == state.Epoch + 1 || decided.Epoch == 1 || (decided.View.Members.Length == 1 && decided.View.Contains(state.Self)));

    /// <summary>A view without a part for this node: only known, not entered. A node that never was a member belongs to no cluster for that.</summary>
    private void Adopt(DecidedView decided)
    {
        state.Learned = null;
        state.Current = decided;
        Persist(decided, isBase: false);
        events.OnInstalled(decided);
    }

    /// <summary>A newcomer: its log begins with the view.</summary>
    private void Enter(DecidedView decided)
    {
        state.Learned = null;
        events.OnVoid();
        state.Log.Reset(decided.View.StartSequence, decided.Epoch);
        state.Disk.Rebase(decided.View.StartSequence);
        state.Current = decided;
        state.Identity.Join(decided.View.Cluster);
        state.Identity.Remember();
        Persist(decided, isBase: true);
        state.SafeTo = state.DurableTo = state.StableTo = decided.View.StartSequence;
        state.Numbers.Begin(decided);
        state.Submissions.OnView(0);
        events.OnInstalled(decided);
        deliverer.BeginWithoutState(decided);
    }

    private void Install(DecidedView decided)
    {
        var view = decided.View;
        var isIn = state.Identity.IsReady && !state.IsOut && view.Contains(state.Self);
        if (state.Log.Head > decided.Cut && !Planted.Is(PlantedBug.KeepEntriesAfterCut))
            Truncate(decided.Cut, isIn && !_mustRecover);
        if (state.Log.Head > decided.Cut)
            return;
        var body = new FrameBuilder();
        ViewCodec.Write(body, decided);
        var header = new EntryHeader(body.Length, decided.Epoch, view.StartSequence, LogEntryKind.View, Delivery.Ordered, default, 0);
        state.Log.Append(header, body.Body);
        state.Disk.WriteEntries(isUrgent: true);
        state.Current = decided;
        state.Identity.Join(view.Cluster);
        Persist(decided, isBase: false);
        state.SafeTo = Math.Max(state.SafeTo, view.StartSequence);
        state.DurableTo = Math.Max(state.DurableTo, view.StartSequence);
        state.Numbers.Begin(decided);
        if (isIn)
        {
            state.Identity.Remember();
            state.Submissions.OnView(decided.Numbers[view.RankOf(state.Self.Node)]);
        }
        else if (state.Context.Options.LogOnDisk && state.Log.BaseSequence == 0)
        {
            // A view of earlier lives, perhaps the first of all: this disk has everything from the beginning.
            state.CanRecover = true;
        }

        events.OnInstalled(decided);
        deliverer.AskForState(view);
        deliverer.Advance();
    }

    private void Truncate(ulong cut, bool isMember)
    {
        Invariant.Require(!isMember || deliverer.DeliveredTo <= cut);
        state.Log.TruncateTo(Math.Max(cut, state.Log.BaseSequence));
        state.Disk.Truncate(cut);
    }

    /// <summary>Record of a view: u8 1 when the log begins anew with it, then the view.</summary>
    private void Persist(DecidedView decided, bool isBase)
    {
        var body = state.Disk.Body().U8(isBase ? (byte)1 : (byte)0);
        ViewCodec.Write(body, decided);
        state.Disk.Write(PersistRecordKind.Installed, decided.Epoch, body.Body, static () => { });
    }
}
