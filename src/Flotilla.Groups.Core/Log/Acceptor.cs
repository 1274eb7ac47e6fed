using Flotilla.Groups.Core.Frames;
using Flotilla.Primitives;

namespace Flotilla.Groups.Core.Log;

/// <summary>
/// Promises and accepts views for its node, whatever lives it has: what it says is on disk before. A promise seals the epoch at this node.
/// Who wants out promises and accepts like everybody else: a node that said farewell and returns is the acceptor it was. Records: Promise: ballot. Accepted: ballot, view.
/// </summary>
internal sealed class Acceptor(LogState state, Views views, Fetching fetching, LeaseKeeper lease, ChangeMail mail)
{
    private Ballot _promiseFlushed;
    private Ballot _acceptFlushed;
    private Ballot _acceptAsked;
    private ulong _farewellEpoch;

    /// <summary>When the proposer that has this node's promise was last heard.</summary>
    public long HeardProposerNs { get; private set; } = long.MinValue / 2;

    public void RestorePromise(Ballot ballot)
    {
        if (ballot > state.Promised)
            (state.Promised, _promiseFlushed) = (ballot, ballot);
    }

    public void RestoreAccepted(Ballot ballot, DecidedView value)
    {
        if (ballot < state.AcceptedBallot)
            return;
        (state.AcceptedBallot, state.Accepted, _acceptFlushed, _acceptAsked) = (ballot, value, ballot, ballot);
        if (ballot > state.Promised)
            (state.Promised, _promiseFlushed) = (ballot, ballot);
    }

    /// <param name="mayFound">Whether this node would be in a first view.</param>
    public void OnPrepare(NodeId from, in PrepareFrame frame, bool mayFound)
    {
        if (!state.Identity.IsReady || state.Disk.HasFailed)
            return;
        if (frame.Before is not null)
        {
            if (views.IsForeign(frame.Before, from))
                return;
            views.Learn(frame.Before, from);
        }

        if (!IsNext(from, frame.Ballot, mayFound))
            return;
        if (frame.Ballot < state.Promised)
        {
            Decline(from, frame.Ballot);
            return;
        }

        HeardProposerNs = state.Context.NowNs;
        if (frame.Ballot == state.Promised)
        {
            if (_promiseFlushed == frame.Ballot)
                SendPromise(frame.Ballot);
            return;
        }

        Seal(frame.Ballot, state.IsMember && state.IsLeaving);
        if (Planted.Is(PlantedBug.SkipPromiseFlush))
        {
            _promiseFlushed = frame.Ballot;
            SendPromise(frame.Ballot);
        }
    }

    public void OnAccept(NodeId from, in AcceptFrame frame, bool mayFound)
    {
        if (!state.Identity.IsReady || state.Disk.HasFailed || views.IsForeign(frame.Value, from) || !IsNext(from, frame.Ballot, mayFound && frame.Value.View.Find(state.Identity.Node) is not null))
            return;
        if (frame.Ballot < state.Promised)
        {
            Decline(from, frame.Ballot);
            return;
        }

        HeardProposerNs = state.Context.NowNs;
        if (_acceptAsked == frame.Ballot)
        {
            if (_acceptFlushed == frame.Ballot)
                SendAccepted(frame.Ballot);
            return;
        }

        if (frame.Ballot > state.Promised)
            Seal(frame.Ballot, isFarewell: false);
        if ((state.Log.Head < frame.Value.Cut || state.Log.HeadEpoch != state.Epoch) && !Planted.Is(PlantedBug.AcceptWithoutEntries))
        {
            if (from != state.Identity.Node)
                fetching.Ask(from, frame.Ballot, frame.Value.Cut);
            return;
        }

        Accept(frame);
    }

    /// <summary>Whether a ballot is for the view that follows the one known here. Who asks for an earlier one is told.</summary>
    private bool IsNext(NodeId from, Ballot ballot, bool mayFound)
    {
        if (ballot.Epoch <= state.Epoch)
            views.Tell(from);
        else if (ballot.Epoch > state.Epoch + 1)
            views.OnEpochOf(from, ballot.Epoch - 1);
        return ballot.Epoch == state.Epoch + 1 && (ballot.Epoch > 1 || mayFound);
    }

    /// <summary>Promises in memory at once, so that nothing more is taken; says so once it is on disk.</summary>
    private void Seal(Ballot ballot, bool isFarewell)
    {
        Invariant.Require(ballot > state.Promised && ballot.Epoch == state.Epoch + 1);
        state.Promised = ballot;
        if (isFarewell)
        {
            _farewellEpoch = ballot.Epoch;
            lease.Lose();
        }

        state.Disk.WriteEntries();
        state.Disk.Write(PersistRecordKind.Promise, ballot.Epoch, state.Disk.Body().Ballot(ballot).Body, () =>
        {
            _promiseFlushed = ballot;
            if (state.Promised == ballot)
                SendPromise(ballot);
        });
    }

    private void Accept(in AcceptFrame frame)
    {
        var (ballot, value) = (frame.Ballot, frame.Value);
        Invariant.Require(ballot >= state.AcceptedBallot && ballot == state.Promised);
        (state.AcceptedBallot, state.Accepted, _acceptAsked) = (ballot, value, ballot);
        state.Disk.WriteEntries(isUrgent: true);
        var body = state.Disk.Body().Ballot(ballot);
        ViewCodec.Write(body, value);
        state.Disk.Write(PersistRecordKind.Accepted, ballot.Epoch, body.Body, () =>
        {
            _acceptFlushed = ballot;
            if (state.Promised == ballot)
                SendAccepted(ballot);
        });
    }

    private void SendPromise(Ballot ballot)
    {
        if (ballot.Epoch != state.Epoch + 1 || !state.Identity.IsReady)
            return;
        var isMember = state.IsMember;
        var flags = (isMember ? PromiseFlags.IsMember : PromiseFlags.None) | (state.HasState ? PromiseFlags.HasState : PromiseFlags.None)
            | (state.CanVote || (!isMember && state.CanRecover) ? PromiseFlags.CanVote : PromiseFlags.None)
            | (!isMember && state.Identity.IsAmnesiac ? PromiseFlags.Amnesiac : PromiseFlags.None)
            | (_farewellEpoch == ballot.Epoch ? PromiseFlags.Farewell : PromiseFlags.None);
        var hasAccepted = state.Accepted is not null && state.AcceptedBallot.Epoch == ballot.Epoch;
        var promise = new PromiseFrame
        {
            Ballot = ballot, Flags = flags, Card = state.Card, Head = state.Log.Head, HeadEpoch = state.Log.HeadEpoch,
            KeptFrom = state.Log.BaseSequence + 1, LeaseWaitNs = lease.RemainingNs,
            AcceptedBallot = hasAccepted ? state.AcceptedBallot : default, Accepted = hasAccepted ? state.Accepted : null,
        };
        promise.Write(state.Builder);
        mail.Send(ballot.Proposer, FrameType.Promise);
    }

    private void SendAccepted(Ballot ballot)
    {
        new AcceptedFrame(ballot, state.Self.Incarnation).Write(state.Builder);
        mail.Send(ballot.Proposer, FrameType.Accepted);
    }

    private void Decline(NodeId to, Ballot ballot)
    {
        new DeclineFrame(ballot, state.Promised).Write(state.Builder);
        mail.Send(to, FrameType.Decline);
    }
}
