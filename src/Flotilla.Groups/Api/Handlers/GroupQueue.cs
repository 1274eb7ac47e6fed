using System.Threading.Channels;
using Flotilla.Groups.Core;

namespace Flotilla.Groups;

/// <summary>
/// What a group delivered, until its handlers ran: one after another, in the order of delivery. The node's thread only adds; handlers may await
/// whatever they like. When more waits than may, the node leaves the group until all is worked off.
/// </summary>
internal sealed class GroupQueue
{
    private readonly Channel<GroupItem> _items = Channel.CreateUnbounded<GroupItem>(new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });
    private readonly Group _group;
    private readonly AsyncLocal<HandlerScope?> _scope = new();
    private long _backlogBytes;
    private readonly List<GroupItem> _added = [];
    private volatile uint _behindNumber;
    private volatile bool _isEnding;
    private CheckpointReader? _loading;
    private Task _load = Task.CompletedTask;

    public GroupQueue(Group group)
    {
        _group = group;
        Completion = Task.Run(RunAsync);
    }

    private sealed class HandlerScope
    {
        public volatile bool IsRunning = true;
    }

    public Task Completion { get; }

    /// <summary>Whether the caller runs within a handler of this group that has not returned.</summary>
    public bool IsInHandler => _scope.Value is { IsRunning: true };

    /// <summary>More waited than may, and it is not worked off.</summary>
    public bool IsBehind => _behindNumber != 0;

    /// <summary>Copies a delivery, for <see cref="Publish"/>. True for the first.</summary>
    public bool Add(in GroupDelivery delivery)
    {
        if (delivery.Kind == GroupDeliveryKind.View)
            _group.View = delivery.View;
        if (IsBehind && delivery is { Kind: GroupDeliveryKind.Message, Delivery: Delivery.Raw })
            return false;
        var item = new GroupItem(delivery);
        _added.Add(item);
        CheckBacklog(Interlocked.Add(ref _backlogBytes, item.CostBytes));
        return _added.Count == 1;
    }

    /// <summary>Gives the handlers what was added.</summary>
    public void Publish()
    {
        foreach (var item in _added)
            _items.Writer.TryWrite(item);
        _added.Clear();
    }

    private void CheckBacklog(long backlogBytes)
    {
        var number = _group.Number;
        if (backlogBytes <= _group.Node.Options.HandlerBacklogBytes || _behindNumber == number)
            return;
        // First the command: whoever sees the number may give the opposite one.
        _group.Node.Dispatcher.Do(new FellBehind(number));
        _behindNumber = number;
        var what = $"its handlers are slower than the group: {backlogBytes} bytes wait for them. This node leaves it, as soon as others have its state, and joins it again when they are worked off";
        _group.Node.Dispatcher.Report(new GroupProblem(_group.Name, what, null));
    }

    /// <summary>No more comes; what still waits is dropped.</summary>
    public void End()
    {
        _isEnding = true;
        _items.Writer.TryComplete();
        Volatile.Read(ref _loading)?.Abort();
    }

    private async Task RunAsync()
    {
        await foreach (var item in _items.Reader.ReadAllAsync().ConfigureAwait(false))
        {
            if (!_isEnding)
                await RunAsync(item).ConfigureAwait(false);
            item.Free();
            if (Interlocked.Add(ref _backlogBytes, -item.CostBytes) == 0 && _behindNumber is not 0 and var number)
            {
                _behindNumber = 0;
                _group.Node.Dispatcher.Do(new CaughtUp(number));
            }
        }
    }

    private async Task RunAsync(GroupItem item)
    {
        var scope = new HandlerScope();
        _scope.Value = scope;
        try
        {
            await TakeAsync(item).ConfigureAwait(false);
        }
        catch (Exception failure)
        {
            _group.Report($"a handler of {item.Kind} at {item.Sequence} threw", failure);
        }
        finally
        {
            scope.IsRunning = false;
        }
    }

    private Task TakeAsync(in GroupItem item) => item.Kind switch
    {
        GroupDeliveryKind.Message => MessageAsync(item),
        GroupDeliveryKind.Query => QueryAsync(item),
        GroupDeliveryKind.View => ViewAsync(item.View!),
        GroupDeliveryKind.MakeCheckpoint => MakeAsync(item.Correlation),
        GroupDeliveryKind.LoadCheckpoint => LoadAsync(item),
        GroupDeliveryKind.Create or GroupDeliveryKind.Reset => ResetAsync(),
        _ => throw new Primitives.InvariantViolationException($"delivery {item.Kind}"),
    };

    private MessageContext ContextOf(in GroupItem item) => new()
    {
        Group = _group,
        Sender = item.Sender,
        Sequence = item.Sequence,
        Epoch = item.Epoch,
        Delivery = item.Delivery,
        IsReplay = item.IsReplay,
    };

    private Task MessageAsync(in GroupItem item)
    {
        var type = _group.Node.Options.Messages.Read(item.Body, out var version, out var body, out var problem);
        if (type is null)
            _group.Report($"the message at {item.Sequence} from {item.Sender} was skipped: {problem}", null);
        else if (_group.Handlers.Messages.TryGetValue(type, out var handler))
            return handler.RunAsync(type, body, version, ContextOf(item));
        return Task.CompletedTask;
    }

    private async Task QueryAsync(GroupItem item)
    {
        GroupCommand reply = new NullReplyToQuery(item.Correlation);
        try
        {
            if (PrepareQuery(item, out var problem) is { } answer)
                reply = await answer().ConfigureAwait(false) is { } bytes ? new ReplyToQuery(item.Correlation, bytes) : reply;
            else if (problem is not null)
                reply = new AbortReplyToQuery(item.Correlation, problem);
        }
        catch (Exception failure)
        {
            _group.Report($"the handler of the query at {item.Sequence} threw", failure);
            reply = new AbortReplyToQuery(item.Correlation, failure.Message);
        }

        if (item.Correlation != 0)
            _group.Node.Dispatcher.Do(reply);
    }

    private Func<Task<byte[]?>>? PrepareQuery(in GroupItem item, out string? problem)
    {
        var type = _group.Node.Options.Messages.Read(item.Body, out var version, out var body, out problem);
        if (type is null)
            _group.Report($"the query at {item.Sequence} from {item.Sender} was refused: {problem}", null);
        return type is not null && _group.Handlers.Queries.TryGetValue(type, out var handler)
            ? handler.Prepare(type, body, version, ContextOf(item))
            : null;
    }

    private async Task ViewAsync(GroupView view)
    {
        try
        {
            foreach (var handler in _group.Handlers.Views)
                await handler(view).ConfigureAwait(false);
        }
        finally
        {
            _group.Settled.TrySetResult();
        }
    }

    private async Task MakeAsync(ulong correlation)
    {
        var dispatcher = _group.Node.Dispatcher;
        try
        {
            var writer = new CheckpointWriter(dispatcher, _group.Node.Options.Messages, correlation);
            if (_group.Handlers.Make is { } make)
                await make(writer).ConfigureAwait(false);
            await writer.EndAsync().ConfigureAwait(false);
        }
        catch (GroupException gone) when (gone.Error is GroupError.Refused or GroupError.Stopped)
        {
            // Nobody needs it any more: the newcomer left, or asked another.
        }
        catch (Exception failure)
        {
            dispatcher.Do(new CheckpointFailed(correlation, failure.Message));
            _group.Report("making a checkpoint failed", failure);
        }
    }

    /// <summary>The first piece starts the program's loader, the others feed it, the last waits for it: what follows in the order meets the whole state.</summary>
    private async Task LoadAsync(GroupItem item)
    {
        if (_loading is not { } reader || reader.Correlation != item.Correlation)
        {
            await AbortLoadAsync().ConfigureAwait(false);
            reader = new CheckpointReader(_group.Node.Dispatcher, _group.Node.Options.Messages, item.Correlation);
            Volatile.Write(ref _loading, reader);
            var load = _group.Handlers.Load ?? (_ => Task.CompletedTask);
            _load = Task.Run(async () =>
            {
                await load(reader).ConfigureAwait(false);
                await reader.SkipRestAsync().ConfigureAwait(false);
            });
        }

        reader.Add(item.Body);
        if (!item.IsLast)
            return;
        reader.End();
        Volatile.Write(ref _loading, null);
        try
        {
            await _load.ConfigureAwait(false);
            reader.SayTaken();
        }
        catch (Exception failure)
        {
            _group.Settled.TrySetException(new GroupException(GroupError.Refused, "the state could not be loaded: " + failure.Message, failure));
            // A member without its state must not be taken for one that has it.
            _group.Report("loading the state failed; this node leaves the group", failure);
            _group.Node.Dispatcher.Do(new LeaveGroup(_group.Number));
        }
    }

    private async Task ResetAsync()
    {
        await AbortLoadAsync().ConfigureAwait(false);
        if (_group.Handlers.Reset is { } reset)
            await reset().ConfigureAwait(false);
    }

    private async Task AbortLoadAsync()
    {
        if (_loading is not { } reader)
            return;
        Volatile.Write(ref _loading, null);
        reader.Abort();
        await _load.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}
