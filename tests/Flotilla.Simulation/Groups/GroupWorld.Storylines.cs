using Flotilla.Groups.Core;

namespace Flotilla.Simulation.Groups;

/// <summary>The storylines that are told.</summary>
public sealed partial class GroupWorld
{
    /// <summary>Null for a fault that is none.</summary>
    private IEnumerable<Func<bool>>? StorylineOf(PlannedFault fault) => fault.Kind switch
    {
        FaultKind.WipedVoterReturns => WipedVoterReturns(fault),
        FaultKind.MajorityForgets => MajorityForgets(fault),
        FaultKind.ShorterCutWins => ShorterCutWins(),
        FaultKind.PromiseForgotten => PromiseForgotten(fault),
        FaultKind.TailAfterSeal => TailAfterSeal(),
        FaultKind.LastHolderLost => LastHolderLost(),
        FaultKind.PowerFailsAtDelivery => PowerFailsAtDelivery(fault),
        FaultKind.DonorLost => DonorLost(fault),
        FaultKind.FetchedAfterSeal => FetchedAfterSeal(),
        _ => null,
    };

    // A voter loses its disk and is back at its address, as another node, before anybody missed it. While it is taken in the other voter can't answer: the
    // sequencer and the newcomer are two of three addresses, but one of three votes.
    private IEnumerable<Func<bool>> WipedVoterReturns(PlannedFault fault)
    {
        yield return () => IsSettled(3);
        var (epoch, voters) = (Newest!.Epoch, VotersByTurn());
        var (sequencer, mute, wiped) = (voters[0], voters[1 + (int)(fault.Draw & 1)], voters[2 - (int)(fault.Draw & 1)]);
        Silence(wiped);
        wiped.End("wipe");
        wiped.Wipe();
        Queue.After(1_000_000 * (10 + (fault.Draw % 100)), new WorldEvent(WorldEventKind.Start, wiped.Index));
        yield return () => HasPromised(sequencer, sequencer, epoch + 1);
        Isolate(mute);
        yield return Before(5, () => Newest.Epoch > epoch);
    }

    // A safe message is on the sequencer and on a voter that loses its power with it; then the sequencer is cut off. The voter that lost it and the one that never
    // had it are a majority.
    private IEnumerable<Func<bool>> MajorityForgets(PlannedFault fault)
    {
        yield return () => IsSettled(3);
        var (epoch, voters) = (Newest!.Epoch, VotersByTurn());
        var (sequencer, holder, late) = (voters[0], voters[1 + (int)(fault.Draw & 1)], voters[2 - (int)(fault.Draw & 1)]);
        Isolate(late);
        yield return () => HasDeliveredWhatMayBeForgotten(sequencer, holder, late);
        EndFor(holder, "power", 1_000_000 * (10 + (fault.Draw % 200)));
        Part(sequencer, holder);
        Rejoin(holder, late);
        yield return Before(6, () => Newest.Epoch > epoch);
    }

    // The sequencer has a tail that nobody else has. A proposer without it gets its view accepted by itself only; then the sequencer comes back with its tail, which
    // the third takes, and goes again. The first proposer's view is found and decided: the third has more than its cut.
    private IEnumerable<Func<bool>> ShorterCutWins()
    {
        yield return () => IsSettled(3);
        var (epoch, voters) = (Newest!.Epoch, VotersByTurn());
        var (sequencer, proposer, third) = (voters[0], voters[1], voters[2]);
        Isolate(sequencer);
        var end = HeadOf(sequencer);
        yield return () => HasPromised(third, proposer, epoch + 1);
        Mute(proposer, third);
        yield return () => proposer.AcceptedEpoch > epoch && HeadOf(sequencer) > end;
        Mute(third, proposer);
        Rejoin(sequencer, third);
        yield return () => HeadOf(third) > end && LogOf(third)!.AcceptedBallot.Epoch <= epoch;
        Part(sequencer, third);
        Rejoin(proposer, third);
        yield return Before(6, () => Newest.Epoch > epoch);
        yield return After(1);
    }

    // A view of the sequencer's waits for one more vote when the others, cut off from it, try another. The voter that promised to this other one loses its power at
    // that, and meets the first one again before the second.
    private IEnumerable<Func<bool>> PromiseForgotten(PlannedFault fault)
    {
        yield return () => IsSettled(3);
        var (epoch, voters) = (Newest!.Epoch, VotersByTurn());
        var (sequencer, proposer, voter) = (voters[0], voters[1], voters[2]);
        EndFor(Array.Find(Nodes, node => !voters.Contains(node))!, "kill", 6 * Parameters.SuspectNs);
        yield return () => HasPromised(proposer, sequencer, epoch + 1) && HasPromised(voter, sequencer, epoch + 1);
        Mute(sequencer, proposer);
        Mute(sequencer, voter);
        yield return () => LogOf(sequencer)?.AcceptedBallot.Epoch == epoch + 1;
        Mute(proposer, sequencer);
        Mute(voter, sequencer);
        yield return () => HasPromised(voter, proposer, epoch + 1);
        EndFor(voter, "power", 1_000_000 * (10 + (fault.Draw % 50)));
        Part(proposer, voter);
        Rejoin(sequencer, voter);
        yield return () => voter.AcceptedEpoch > epoch;
        Part(sequencer, voter);
        Rejoin(proposer, voter);
        yield return Before(5, () => proposer.View?.Epoch > epoch);
    }

    // What the sequencer sends is held up; it hears nobody. The others go on without it, and when their view is accepted and about to be installed, what was held up
    // arrives at one of them, and what that one answers: the sequencer goes again, with the other half of those who decided.
    private IEnumerable<Func<bool>> TailAfterSeal()
    {
        yield return () => IsSettled(3);
        var (epoch, voters) = (Newest!.Epoch, VotersByTurn());
        var (sequencer, proposer, other) = (voters[0], voters[1], voters[2]);
        var end = HeadOf(sequencer);
        foreach (var to in new[] { proposer, other })
        {
            Network.Link(sequencer.Index, to.Index).ClogUntilNs = Queue.NowNs + (Parameters.SuspectNs * 17 / 10);
            Mute(to, sequencer);
        }

        var isArrived = After(1.8);
        yield return () => proposer.AcceptedEpoch > epoch && other.AcceptedEpoch > epoch;
        Part(proposer, other);
        Mute(sequencer, proposer);
        yield return () => isArrived() && HeadOf(sequencer) > end;
        Rejoin(sequencer, other);
        yield return After(4);
    }

    // One voter has what the sequencer sent last when the sequencer's disk is lost. It proposes, its view is decided, and its disk is lost too: those who accepted
    // must have it all.
    private IEnumerable<Func<bool>> LastHolderLost()
    {
        yield return () => IsSettled(5);
        var (epoch, voters) = (Newest!.Epoch, VotersByTurn());
        var (sequencer, holder) = (voters[0], voters[1]);
        var end = HeadOf(sequencer);
        foreach (var late in voters[2..])
            Mute(sequencer, late);
        yield return () => HeadOf(holder) > end;
        EndFor(sequencer, "wipe", 6 * Parameters.SuspectNs);
        sequencer.Wipe();
        yield return () => holder.View?.Epoch > epoch;
        EndFor(holder, "wipe", 6 * Parameters.SuspectNs);
        holder.Wipe();
        yield return After(3);
    }

    // The sequencer delivers a durable message, and the power of all fails.
    private IEnumerable<Func<bool>> PowerFailsAtDelivery(PlannedFault fault)
    {
        yield return () => IsSettled(3);
        var (epoch, sequencer) = (Newest!.Epoch, VotersByTurn()[0]);
        var from = sequencer.Machine!.Log.DeliveredTo;
        yield return () => HasDelivered(sequencer, Delivery.SafeDurable, from);
        for (var i = 0; i < Nodes.Length; i++)
            EndFor(Nodes[i], "power", 1_000_000 * (10 + ((fault.Draw >> (8 * i)) & 0xFF)));
        yield return Before(8, () => Newest.Epoch > epoch);
    }

    // A node begins anew and is given a group's state; whoever gives it ends in the middle, and the next one's state is of a later position.
    private IEnumerable<Func<bool>> DonorLost(PlannedFault fault)
    {
        yield return () => IsSettled(5);
        var newcomer = VotersByTurn()[1 + (int)(fault.Draw & 3)];
        EndFor(newcomer, "kill", 1_000_000 * (10 + (fault.Draw % 200)));
        yield return () => ApplicationOf(newcomer).Groups.Any(group => group.Loading.Count > 0) && Array.Exists(Nodes, GivesState);
        EndFor(Array.Find(Nodes, GivesState)!, "kill", 2 * Parameters.SuspectNs);
        yield return () => ApplicationOf(newcomer).Groups.All(group => group.HasState || !group.IsWanted);
    }

    // Of the sequencer's last safe message only one voter hears. The others promise to a proposer that alone accepts its view. They promise again to the one with the
    // message, which they fetch, and it is gone before they accept. What they say to the old sequencer then must be no vote for the message: the first view is found and decided.
    private IEnumerable<Func<bool>> FetchedAfterSeal()
    {
        yield return () => IsSettled(5);
        var (epoch, voters) = (Newest!.Epoch, VotersByTurn());
        var (sequencer, holder, proposer) = (voters[0], voters[1], voters[2]);
        SimNode[] two = voters[3..];
        foreach (var late in voters[2..])
            Mute(sequencer, late);
        yield return () => HasMessage(holder, Delivery.Safe, voters[2..].Max(HeadOf), HeadOf(holder));
        var end = voters[2..].Max(HeadOf);
        foreach (var late in voters[2..])
        {
            Mute(late, sequencer);
            Part(holder, late);
        }

        Part(sequencer, holder);
        yield return () => Array.TrueForAll(two, node => HasPromised(node, proposer, epoch + 1));
        foreach (var node in two)
            Mute(proposer, node);
        yield return () => proposer.AcceptedEpoch > epoch;
        foreach (var node in two)
        {
            Mute(node, proposer);
            Rejoin(holder, node);
        }

        yield return () => Array.TrueForAll(two, node => HeadOf(node) > end && LogOf(node)!.AcceptedBallot.Epoch <= epoch);
        foreach (var node in two)
            Part(holder, node);
        yield return After(0.2);
        foreach (var node in two)
            MendOfStory(node.Index, sequencer.Index);
        yield return Before(0.5, () => HasDelivered(sequencer, Delivery.Safe, end));
        foreach (var node in two)
        {
            Mute(node, sequencer);
            Rejoin(proposer, node);
        }

        yield return Before(6, () => Newest.Epoch > epoch);
        yield return After(1);
    }
}
