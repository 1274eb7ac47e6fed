using System.Collections.Concurrent;
using System.Threading.Channels;
using Flotilla.Groups.Core;
using Flotilla.Groups.Hosting;
using Microsoft.Extensions.Logging;

namespace Flotilla.Groups;

/// <summary>Between the node's thread and the program: gives deliveries to each group's queue, outcomes to who waits, and tells of views and losses.</summary>
internal sealed class NodeDispatcher(GroupNode node, ILogger logger, long sendBudgetBytes) : INodeObserver
{
    private readonly ConcurrentDictionary<ulong, PendingCommand> _pending = [];
    private readonly Dictionary<uint, Group> _groups = [];
    private readonly Channel<Action> _happenings = Channel.CreateUnbounded<Action>(new UnboundedChannelOptions { SingleReader = true });
    private ulong _lastToken;
    private volatile Exception? _end;

    public NodeRuntime Runtime { get; set; } = null!;

    public SendBudget Budget { get; } = new(sendBudgetBytes);

    /// <summary>Gives the node a command; its outcomes go to <paramref name="pending"/>.</summary>
    public void Do(GroupCommand command, PendingCommand pending)
    {
        var token = Add(pending);
        if (!Runtime.Do(token, command))
            Drop(token, pending);
    }

    /// <summary>Gives the node a command nobody waits for.</summary>
    public void Do(GroupCommand command) => Runtime.Do(0, command);

    public void Send(uint group, Delivery delivery, ReadOnlySpan<byte> body, PendingCommand pending)
    {
        var token = Add(pending);
        if (!Runtime.Send(group, delivery, token, body))
            Drop(token, pending);
    }

    private ulong Add(PendingCommand pending)
    {
        var token = Interlocked.Increment(ref _lastToken);
        _pending[token] = pending;
        // The end may have come in between; who is told twice takes the first.
        if (_end is { } end && _pending.TryRemove(token, out _))
            pending.Fail(end);
        return token;
    }

    private void Drop(ulong token, PendingCommand pending)
    {
        if (_pending.TryRemove(token, out _))
            pending.Fail(new GroupException(GroupError.Refused, "the node does not keep up with what this program asks of it: ask again later"));
    }

    /// <summary>A group got its number. On the node's thread.</summary>
    public void SetNumber(uint number, Group group)
    {
        group.Number = number;
        _groups[number] = group;
    }

    public void OnDelivery(in GroupDelivery delivery)
    {
        if (_groups.TryGetValue(delivery.Group, out var group))
            group.Queue.Add(delivery);
    }

    public void OnCompleted(ulong token, in CommandOutcome outcome)
    {
        if (_pending.TryGetValue(token, out var pending) && pending.OnOutcome(outcome))
            _pending.TryRemove(token, out _);
    }

    public void OnView(ClusterView view) => Tell(() => node.RaiseViewInstalled(view));

    public void OnLease(Lease lease)
    {
    }

    public void OnPrimaryLost(ulong epoch)
    {
        // At once, on the node's thread: others may act soon.
        Guard(() => node.RaisePrimaryLost(epoch));
    }

    public void OnEvicted(MemberId id, string why) => Guard(() => node.RaiseEvicted(id, why));

    public void OnTieBreak(TieBreak tie) => _ = Task.Run(() => node.BreakTieAsync(tie));

    public void OnReport(in NodeEvent happened)
    {
        var copy = happened;
        Tell(() => node.RaiseHappened(copy));
    }

    public void OnBatchEnd()
    {
    }

    public void OnStopped(Exception? failure)
    {
        var end = new GroupException(GroupError.Stopped, failure is null ? "the node has stopped" : "the node failed: " + failure.Message, failure);
        _end = end;
        Guard(() => node.RaisePrimaryLost(0));
        foreach (var token in _pending.Keys)
        {
            if (_pending.TryRemove(token, out var pending))
                pending.Fail(end);
        }

        Budget.End(end);
        foreach (var group in _groups.Values)
            group.Queue.End();
        _happenings.Writer.TryComplete();
    }

    /// <summary>Tells the program of what happened, one after another, off the node's thread. Ends with the node.</summary>
    public async Task RunAsync()
    {
        await foreach (var happening in _happenings.Reader.ReadAllAsync().ConfigureAwait(false))
            Guard(happening);
    }

    private void Tell(Action happening) => _happenings.Writer.TryWrite(happening);

    private void Guard(Action happening)
    {
        try
        {
            happening();
        }
        catch (Exception failure)
        {
            Log.HandlerFailed(logger, "", "a handler of the node's events threw", failure);
        }
    }
}
