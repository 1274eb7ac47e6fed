using Flotilla.Groups.Core.Log;
using Flotilla.Primitives;

namespace Flotilla.Groups.Core.Layer;

/// <summary>
/// Groups, queries, locks, dictionaries and clients on one log: a deterministic consumer of its entries, so that <see cref="Tables"/> are the same
/// at all nodes at the same position. What is not in the tables concerns this node only: who waits for what, what its application holds back.
/// </summary>
internal sealed class GroupLayer : ILogConsumer
{
    private ulong _lastCorrelation;

    public GroupLayer(NodeContext context, IReplicatedLog log)
    {
        Context = context;
        Log = log;
        Submits = new Submissions(this);
        Locals = new LocalGroups(this);
        Seats = new Seats(this);
        Queries = new Queries(this);
        Replies = new Replies(this);
        Flushes = new Flushes(this);
        Locks = new LockRequests(this);
        Newcomer = new Newcomer(this);
        Donor = new Donor(this);
        Checkpoints = new Checkpoints(this);
        Clients = new Clients(this);
    }

    public NodeContext Context { get; }

    public IReplicatedLog Log { get; }

    public SharedTables Tables { get; private set; } = new();

    public Submissions Submits { get; }

    public LocalGroups Locals { get; }

    public Seats Seats { get; }

    public Queries Queries { get; }

    public Replies Replies { get; }

    public Flushes Flushes { get; }

    public LockRequests Locks { get; }

    public Newcomer Newcomer { get; }

    public Donor Donor { get; }

    public Checkpoints Checkpoints { get; }

    public Clients Clients { get; }

    /// <summary>This node has the shared tables, and is a member.</summary>
    public bool IsReady { get; private set; }

    public bool CanSubmit => IsReady && Log.IsMember && Log.HasRoom;

    public ulong NextCorrelation() => ++_lastCorrelation;

    // What the runtime asks.

    /// <summary>The application wants something.</summary>
    public void Command(ulong token, GroupCommand command) => Commands.Run(this, token, command);

    /// <summary>The application sends a message.</summary>
    public void Send(uint group, Delivery delivery, ulong token, ReadOnlySpan<byte> body)
    {
        if (Locals.Find(group) is not { Shared: { } shared, IsLeaving: false } local)
            Refuse(token, "this node is no member of the group now: join it, or wait for its view");
        else if (body.Length > Context.Options.MaxMessageBytes)
            Refuse(token, $"the message has {body.Length} bytes, the limit is {Context.Options.MaxMessageBytes}");
        else if (delivery == Delivery.Raw)
            SendRaw(local, shared, token, body);
        else if (!Submits.TrySubmit(delivery, new LayerEntry { Kind = LayerEntryKind.Message, Group = shared.Number, Payload = body }, new PendingSubmit(LayerEntryKind.Message, token)))
            Refuse(token, "too much waits to be sent already: send again when earlier messages are through");
    }

    public void ClientUp(uint client) => Clients.Up(client);

    public void ClientFrame(uint client, ReadOnlySpan<byte> frame) => Clients.Frame(client, frame);

    public void ClientDown(uint client) => Clients.Down(client);

    private void SendRaw(LocalGroup local, SharedGroup shared, ulong token, ReadOnlySpan<byte> body)
    {
        foreach (var seat in shared.Seats)
        {
            if (seat.Id != Log.Self)
                SendDirect(seat.Id.Node, new DirectFrame { Kind = DirectFrameKind.Raw, Incarnation = Log.Self.Incarnation, Group = shared.Number, Payload = body });
        }

        local.OfferRaw(this, Log.Self, body);
        Complete(token, new CommandOutcome { Result = CommandResult.Done });
    }

    // What the log says.

    public void OnMessage(in LogEntry entry)
    {
        Invariant.Require(entry.Sequence > Tables.Sequence);
        Tables.Sequence = entry.Sequence;
        Tables.NoteNumber(entry.Sender, entry.Number);
        var isOwn = entry.Sender == Log.Self;
        var pending = isOwn ? Submits.Take(entry.Number) : default;
        if (LayerEntry.TryRead(entry.Body, out var read))
            Entries.Apply(this, entry, read, pending);
        else
            Context.Report(NodeEventKind.BadFrame, entry.Sender.Node, entry.Sequence, "an entry that makes no sense to the group layer");
        Newcomer.OnDelivered();
        Checkpoints.MakeIfWanted();
    }

    public void OnView(ClusterView view, ClusterView? before)
    {
        if (Newcomer.WaitsForTables || view.StartSequence <= Tables.Sequence)
            return;
        Tables.Take(view);
        Seats.DropDeparted();
        IsReady = view.Contains(Log.Self);
        Newcomer.OnView();
        Donor.OnView();
        Replies.OnView();
        Flushes.OnView();
        Clients.OnView();
    }

    public void OnStateNeeded(ClusterView view)
    {
        IsReady = false;
        Donor.EndAll();
        Locals.Suspend("the shared state is fetched anew");
        Newcomer.FetchTables(view);
    }

    public void OnRecoveredState(ulong sequence, ReadOnlySpan<byte> piece, bool isLast) => Checkpoints.Recover(sequence, piece, isLast);

    public void OnSetAside()
    {
        Checkpoints.SetAside();
        Load(new SharedTables(), isCurrent: false);
    }

    public void OnEvicted(string why)
    {
        IsReady = false;
        Tables = new SharedTables();
        Submits.EndAll(why);
        Queries.EndAll(why);
        Replies.EndAll();
        Flushes.EndAll(why);
        Locks.EndAll(why);
        Donor.EndAll();
        Newcomer.EndAll();
        Checkpoints.EndAll();
        Locals.Suspend(why);
        Clients.OnEvicted();
    }

    public void OnCheckpointDue() => Checkpoints.Make();

    public void OnDirect(NodeId from, ReadOnlySpan<byte> body)
    {
        if (!DirectFrame.TryRead(body, out var frame))
        {
            Context.Report(NodeEventKind.BadFrame, from, text: "a frame that makes no sense to the group layer");
            return;
        }

        switch (frame.Kind)
        {
            case DirectFrameKind.Raw: TakeRaw(from, frame); break;
            case DirectFrameKind.Reply: Queries.TakeReply(from, frame); break;
            case DirectFrameKind.ReplyTaken: Replies.Taken(from, frame); break;
            case DirectFrameKind.AskDelivered: Flushes.Asked(from, frame.Sequence); break;
            case DirectFrameKind.Delivered: Flushes.Delivered(from, frame); break;
            case DirectFrameKind.Ask: Donor.Asked(from, frame); break;
            case DirectFrameKind.Chunk: Newcomer.TakeChunk(from, frame); break;
            case DirectFrameKind.Standing: Newcomer.TakeStanding(from, frame); break;
            case DirectFrameKind.None:
            default: throw new InvariantViolationException($"{frame.Kind} passed the parser");
        }
    }

    public void OnRoom() => Submits.Pump();

    public void OnTick()
    {
        Checkpoints.MakeIfWanted();
        Locals.StepBackIfBehind();
        Locals.SubmitWanted();
        Submits.Pump();
        Newcomer.Tick();
        Donor.Tick();
        Queries.Tick();
        Replies.Tick();
        Flushes.Tick();
        Locks.Tick();
        Checkpoints.Tick();
    }

    /// <summary>The shared tables came, from another node or this one's disk.</summary>
    public void Load(SharedTables tables, bool isCurrent)
    {
        Tables = tables;
        IsReady = isCurrent;
    }

    private void TakeRaw(NodeId from, in DirectFrame frame)
    {
        // Of a life that is no member (any more, or yet): what it says is not for this view of the group.
        var sender = new MemberId(from, frame.Incarnation);
        if (Tables.Find(frame.Group)?.Find(sender) is not null)
            Locals.FindShared(frame.Group)?.OfferRaw(this, sender, frame.Payload);
    }

    // What the parts say.

    public void Complete(ulong token, in CommandOutcome outcome)
    {
        if (token != 0)
            Context.Effects.Completed(token, outcome);
    }

    public void Refuse(ulong token, string reason) => Complete(token, new CommandOutcome { Result = CommandResult.Refused, Reason = reason });

    /// <summary>Ends what was waiting for an own entry.</summary>
    public void Tell(in PendingSubmit pending, CommandResult result, ulong number, string? reason)
    {
        if (pending.Client != 0)
            Clients.Sent(pending, result, number, reason);
        else
            Complete(pending.Token, new CommandOutcome { Result = result, Number = number, Reason = reason });
    }

    public void SendDirect(NodeId to, in DirectFrame frame)
    {
        var writer = Submits.RentWriter();
        frame.Write(writer);
        Context.SendDirect(to, writer.Written);
        Submits.ReturnWriter(writer);
    }
}
