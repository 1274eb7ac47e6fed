using System.Threading.Channels;
using Flotilla.Groups.Core;
using Flotilla.Groups.Hosting;
using Microsoft.Extensions.Logging;

namespace Flotilla.Groups;

/// <summary>Between the node's thread and the program: gives deliveries to each group's queue, outcomes to who waits, and tells of views and losses.</summary>
internal sealed class NodeDispatcher(GroupNode node, ILogger logger, long sendBudgetBytes) : INodeObserver
{
    private readonly Lock _lock = new();
    private readonly Dictionary<ulong, PendingCommand> _pending = [];
    private readonly Dictionary<uint, Group> _groups = [];
    private readonly List<PendingCommand> _ended = [];
    private readonly List<GroupQueue> _filled = [];
    private readonly Channel<Action> _happenings = Channel.CreateUnbounded<Action>(new UnboundedChannelOptions { SingleReader = true });
    private ulong _lastToken;
    private Exception? _end;

    public NodeRuntime Runtime { get; set; } = null!;

    public SendBudget Budget { get; } = new(sendBudgetBytes);

    /// <summary>Gives the node a command; its outcomes go to <paramref name="pending"/>.</summary>
    public void Do(GroupCommand command, PendingCommand pending)
    {
        var token = Add(pending);
        if (!Runtime.Do(token, command))
            Drop(token);
    }

    /// <summary>Gives the node a command nobody waits for.</summary>
    public void Do(GroupCommand command) => Runtime.Do(0, command);

    public void Send(uint group, Delivery delivery, ReadOnlySpan<byte> body, PendingCommand pending)
    {
        var token = Add(pending);
        if (!Runtime.Send(group, delivery, token, body))
            Drop(token);
    }

    private ulong Add(PendingCommand pending)
    {
        Exception end;
        lock (_lock)
        {
            var token = ++_lastToken;
            if (_end is null)
            {
                _pending.Add(token, pending);
                return token;
            }

            end = _end;
        }

        pending.Fail(end);
        return 0;
    }

    private PendingCommand? Remove(ulong token)
    {
        lock (_lock)
            return _pending.Remove(token, out var pending) ? pending : null;
    }

    private void Drop(ulong token)
        => Remove(token)?.Fail(new GroupException(GroupError.Refused, "the node does not keep up with what this program asks of it: ask again later"));

    /// <summary>A group got its number. On the node's thread.</summary>
    public void SetNumber(uint number, Group group)
    {
        group.Number = number;
        _groups[number] = group;
    }

    public void OnDelivery(in GroupDelivery delivery)
    {
        if (_groups.TryGetValue(delivery.Group, out var group) && group.Queue.Add(delivery))
            _filled.Add(group.Queue);
    }

    public void OnCompleted(ulong token, in CommandOutcome outcome)
    {
        PendingCommand? pending;
        lock (_lock)
            pending = _pending.GetValueOrDefault(token);
        if (pending is null || !pending.OnOutcome(outcome))
            return;
        Remove(token);
        _ended.Add(pending);
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
        foreach (var pending in _ended)
            pending.OnBatchEnd();
        _ended.Clear();
        foreach (var queue in _filled)
            queue.Publish();
        _filled.Clear();
    }

    public void OnStopped(Exception? failure)
    {
        OnBatchEnd();
        var end = new GroupException(GroupError.Stopped, failure is null ? "the node has stopped" : "the node failed: " + failure.Message, failure);
        Guard(() => node.RaisePrimaryLost(0));
        PendingCommand[] waiting;
        lock (_lock)
        {
            _end = end;
            waiting = [.. _pending.Values];
            _pending.Clear();
        }

        foreach (var pending in waiting)
            pending.Fail(end);
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

    /// <summary>Tells of a problem off the node's thread.</summary>
    public void Report(GroupProblem problem) => Tell(() => node.RaiseProblem(problem));

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
