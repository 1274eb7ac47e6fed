using System.Buffers;
using System.Collections.Immutable;
using Flotilla.Groups.Core;

namespace Flotilla.Groups;

/// <summary>
/// A group of nodes that see the same messages and views in the same order. Give it its handlers, then join. Handlers run one after another in the order
/// of delivery and may await sends; one that throws is reported (<see cref="GroupNode.Problem"/>), and the next runs.
/// </summary>
public sealed class Group
{
    private volatile GroupView? _view;

    internal Group(GroupNode node, string name)
    {
        Node = node;
        Name = name;
        Queue = new GroupQueue(this);
        Dictionary = new GroupDictionary(this);
    }

    public string Name { get; }

    public GroupNode Node { get; }

    /// <summary>The last view delivered here; handlers may still be behind it. Null before the first.</summary>
    public GroupView? View
    {
        get => _view;
        internal set => _view = value;
    }

    /// <summary>By age, the oldest first; empty before the first view.</summary>
    public ImmutableArray<ClusterMember> Members => View?.Members ?? [];

    /// <summary>This node's position among <see cref="Members"/>; -1 when it is none.</summary>
    public int Rank
    {
        get
        {
            var (members, self) = (Members, Node.Id);
            for (var rank = 0; rank < members.Length; rank++)
            {
                if (members[rank].Id == self)
                    return rank;
            }

            return -1;
        }
    }

    /// <summary>Key and value pairs that all members have.</summary>
    public GroupDictionary Dictionary { get; }

    /// <summary>Who should give this node the state when it joins, best first. Default: the oldest that is not the sequencer.</summary>
    public ImmutableArray<NodeId> Donors { get; set; } = [];

    internal uint Number { get; set; }

    internal bool IsWanted { get; set; }

    internal bool IsJoined { get; set; }

    /// <summary>Ends when the first view after a join was handled, so that the state is loaded too.</summary>
    internal TaskCompletionSource Settled { get; private set; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal GroupQueue Queue { get; }

    internal GroupHandlers Handlers { get; } = new();

    internal GroupStateKind StateKind => Handlers.Load is null ? GroupStateKind.None : Handlers.IsPersistent ? GroupStateKind.Persistent : GroupStateKind.Transferred;

    /// <summary>Handles messages of a type. Several handlers of one type run in the order they were given.</summary>
    public Group On<T>(Func<T, MessageContext, Task> handler)
    {
        RequireNotJoined();
        var type = Node.Options.Messages.Find<T>();
        if (!Handlers.Messages.TryGetValue(type, out var known))
            Handlers.Messages.Add(type, known = new TypedMessageHandler<T>());
        ((TypedMessageHandler<T>)known).All.Add(handler);
        return this;
    }

    public Group On<T>(Action<T, MessageContext> handler) => On<T>((message, context) =>
    {
        handler(message, context);
        return Task.CompletedTask;
    });

    /// <summary>Answers queries of a type. Null is no answer; an exception is told to who asked.</summary>
    public Group OnQuery<TQuery, TReply>(Func<TQuery, MessageContext, Task<TReply?>> handler)
    {
        RequireNotJoined();
        _ = Node.Options.Messages.Find<TReply>();
        if (!Handlers.Queries.TryAdd(Node.Options.Messages.Find<TQuery>(), new TypedQueryHandler<TQuery, TReply>(handler, Node.Options.Messages)))
            throw new InvalidOperationException($"queries of type {typeof(TQuery)} have a handler already");
        return this;
    }

    public Group OnQuery<TQuery, TReply>(Func<TQuery, MessageContext, TReply?> handler)
        => OnQuery<TQuery, TReply>((query, context) => Task.FromResult(handler(query, context)));

    /// <summary>Told of each view, in its place among the messages.</summary>
    public Group OnView(Func<GroupView, Task> handler)
    {
        RequireNotJoined();
        Handlers.Views.Add(handler);
        return this;
    }

    public Group OnView(Action<GroupView> handler) => OnView(view =>
    {
        handler(view);
        return Task.CompletedTask;
    });

    /// <summary>
    /// This program keeps a state for the group. <paramref name="make"/> writes it as it is after everything delivered so far; <paramref name="load"/>
    /// replaces it by what it reads. With <paramref name="isPersistent"/> it is also kept on disk and comes back after all nodes were down.
    /// </summary>
    /// <param name="make">Runs at a member when another joins, or the disk's turn has come; deliveries wait for it.</param>
    /// <param name="load">Runs at a newcomer, before its first view.</param>
    /// <param name="reset">Forgets the state: this node begins it, or lost its place in the group. A load or nothing follows.</param>
    /// <param name="isPersistent">Needs <see cref="GroupOptions.DataDirectory"/>. Who creates the group decides for all.</param>
    public Group OnCheckpoint(Func<CheckpointWriter, Task> make, Func<CheckpointReader, Task> load, Func<Task>? reset = null, bool isPersistent = false)
    {
        RequireNotJoined();
        (Handlers.Make, Handlers.Load, Handlers.Reset, Handlers.IsPersistent) = (make, load, reset, isPersistent);
        return this;
    }

    /// <summary>Joins, and returns when this node is a member that has the state, and its first view was handled. Joins again by itself when the node was evicted and is back.</summary>
    public Task JoinAsync(CancellationToken cancellation = default) => Node.JoinAsync([this], cancellation);

    /// <summary>Leaves; nothing is delivered afterwards.</summary>
    public async Task LeaveAsync(CancellationToken cancellation = default)
    {
        var pending = new SimpleCommand();
        Node.Dispatcher.Do(new LeaveGroup(Number), pending);
        await pending.Ended.WaitAsync(cancellation).ConfigureAwait(false);
        (IsJoined, IsWanted, View) = (false, false, null);
    }

    /// <summary>
    /// Sends a message to all members, this one included, and returns its position in the log when it is delivered here (its handlers may not have run).
    /// Waits while too much is on its way. Throws <see cref="GroupException"/>: refused, or indeterminate when the node was evicted meanwhile. Refused, too, while this
    /// node's handlers are behind (<see cref="GroupOptions.HandlerBacklogBytes"/>), so that members who all do the same do not drown one another.
    /// </summary>
    public Task<ulong> SendAsync<T>(T message, Delivery delivery = Delivery.Ordered, CancellationToken cancellation = default)
    {
        var send = new SendCommand(this, delivery);
        if (Queue.IsBehind && !Queue.IsInHandler)
        {
            send.Fail(new GroupException(GroupError.Refused, $"the handlers of '{Name}' at this node are behind with what was delivered: send again when they have caught up"));
            return send.Ended;
        }

        var buffer = MessageBuffer.Rent();
        Node.Options.Messages.Write(message, buffer);
        Node.Dispatcher.Budget.Send(send, buffer.WrittenSpan);
        MessageBuffer.Return(buffer);
        // Not cancelled while it waits in line: it keeps its place in the sender's order.
        return cancellation.CanBeCanceled ? send.Ended.WaitAsync(cancellation) : send.Ended;
    }

    /// <summary>
    /// Asks all members, this one included, and collects their answers. Not within a handler of the same group: this node's own answer comes when that has returned.
    /// </summary>
    public async Task<QueryResult<TReply>> QueryAsync<TQuery, TReply>(
        TQuery query, Replies replies, TimeSpan timeout, CancellationToken cancellation = default)
    {
        if (Queue.IsInHandler)
            throw new InvalidOperationException($"a handler of '{Name}' must not wait for a query to it: its own answer would wait for the handler. Ask when the handler has returned");
        var catalog = Node.Options.Messages;
        var type = catalog.Find<TReply>();
        var writer = new ArrayBufferWriter<byte>();
        catalog.Write(query, writer);
        var pending = new QueryCommand<TReply>(bytes => catalog.Read(bytes, out var version, out var body, out var problem) == type
            ? type.Read(body, version)
            : throw new InvalidDataException(problem ?? $"it is no {typeof(TReply)}"));
        var command = new QueryGroup(Number, writer.WrittenMemory) { Replies = replies.Count, TimeoutNs = (long)timeout.TotalNanoseconds };
        Node.Dispatcher.Do(command, pending);
        return await pending.Ended.WaitAsync(cancellation).ConfigureAwait(false);
    }

    /// <summary>Waits until so many members (0 for all) have everything this node sent to the group before.</summary>
    public async Task FlushAsync(int members = 0, CancellationToken cancellation = default)
    {
        var pending = new SimpleCommand();
        Node.Dispatcher.Do(new FlushGroup(Number, members), pending);
        await pending.Ended.WaitAsync(cancellation).ConfigureAwait(false);
    }

    /// <summary>Gives up the persistent state that only nodes have which will not come back; the oldest member that waits begins anew. For a person to decide.</summary>
    public async Task DiscardStateAsync(CancellationToken cancellation = default)
    {
        var pending = new SimpleCommand();
        Node.Dispatcher.Do(new DiscardState(Number), pending);
        await pending.Ended.WaitAsync(cancellation).ConfigureAwait(false);
    }

    internal void PrepareJoin()
    {
        if (IsWanted)
            throw new InvalidOperationException($"this node joined '{Name}' already");
        IsWanted = true;
        Settled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    internal void Report(string what, Exception? failure) => Node.RaiseProblem(new GroupProblem(Name, what, failure));

    private void RequireNotJoined()
    {
        if (IsWanted)
            throw new InvalidOperationException($"handlers of '{Name}' are given before it is joined");
    }
}
