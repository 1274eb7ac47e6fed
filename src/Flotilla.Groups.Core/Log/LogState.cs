using Flotilla.Groups.Core.Frames;

namespace Flotilla.Groups.Core.Log;

/// <summary>What the parts of the log share about one node. A field that several of them write says so, and why.</summary>
internal sealed class LogState
{
    public LogState(NodeContext context)
    {
        Context = context;
        Disk = new Persistence(context, Log);
        Identity = new Identity(context, Disk);
        Submissions = new Submissions(context);
    }

    public NodeContext Context { get; }

    /// <summary>Set before the first step.</summary>
    public ILogConsumer Consumer { get; set; } = null!;

    public EntryLog Log { get; } = new();

    public Persistence Disk { get; }

    public Identity Identity { get; }

    public Submissions Submissions { get; }

    public SequencedNumbers Numbers { get; } = new();

    /// <summary>For frames; the body is used up before anything else is built.</summary>
    public FrameBuilder Builder { get; } = new();

    /// <summary>The last decided view whose place in the log was reached here; of all lives of this node. Written by <see cref="Views"/>.</summary>
    public DecidedView? Current { get; set; }

    /// <summary>Decided, but this node's log does not reach to it yet. Written by <see cref="Views"/>.</summary>
    public DecidedView? Learned { get; set; }

    /// <summary>The highest ballot promised. Written by <see cref="Acceptor"/>.</summary>
    public Ballot Promised { get; set; }

    public Ballot AcceptedBallot { get; set; }

    public DecidedView? Accepted { get; set; }

    /// <summary>
    /// A weighted majority of voters has everything to here. Like the next two it only grows: found by <see cref="Sequencer"/>, heard of by <see cref="Follower"/>; <see cref="Views"/>
    /// sets it where a view begins.
    /// </summary>
    public ulong SafeTo { get; set; }

    /// <summary>... on disk.</summary>
    public ulong DurableTo { get; set; }

    /// <summary>Nobody will ask for anything to here.</summary>
    public ulong StableTo { get; set; }

    /// <summary>The consumer has the shared state.</summary>
    public bool HasState { get; set; }

    /// <summary>
    /// The disk holds a state, and the log since: enough to begin again from it. Found at start by <see cref="Recovery"/> and with a view of earlier lives by <see cref="Views"/>;
    /// begins and ends with the state of a life (<see cref="Deliverer"/>), begins with a whole checkpoint (<see cref="Checkpoints"/>), ends when the log goes on behind a gap (<see cref="Fetching"/>).
    /// </summary>
    public bool CanRecover { get; set; }

    /// <summary>The half of the votes that may decide a view, because a witness said so.</summary>
    public DecideTie? TieWon { get; set; }

    /// <summary>This node wants out.</summary>
    public bool IsLeaving { get; set; }

    /// <summary>It left, or its incarnation was evicted and the next is not on disk yet.</summary>
    public bool IsOut { get; set; }

    public MemberId Self => Context.Self;

    public ulong Epoch => Current?.Epoch ?? 0;

    public bool IsMember => !IsOut && Identity.IsReady && Current is { } current && current.View.Contains(Self);

    /// <summary>A later ballot than this epoch's was promised: nothing of this epoch is taken any more.</summary>
    public bool IsSealed => Promised.Epoch > Epoch;

    public bool IsSequencer => IsMember && Current!.View.Sequencer == Self.Node;

    /// <summary>Has what a voter must have.</summary>
    public bool CanVote => HasState && (CanRecover || !Context.Options.LogOnDisk) && !Disk.HasFailed && !Context.Options.NeverVotes;

    public NodeCard Card => new(Self, Context.Options.Name, Context.Options.Address, Context.Options.Weight, Context.Options.NeverVotes);

    /// <summary>Sends what was built.</summary>
    public void Send(NodeId to, FrameType type) => Context.Send(to, type, Builder.Body);
}
