using System.Collections.Concurrent;
using Flotilla.Cluster.Core;
using Flotilla.Cluster.Core.Commands;

namespace Flotilla.Cluster.Hosting;

/// <summary>Orders of people at this node, until they are carried out or refused. Told of every command in its turn.</summary>
internal sealed class OrderDesk
{
    private readonly ConcurrentDictionary<long, Pending> _sent = new();
    private readonly List<Pending> _taken = [];
    private long _lastAtMs;

    /// <summary>Marks a command so that it is known again: no two of this node have the same time.</summary>
    public ClusterCommand Register(ClusterCommand command, out Task<OrderOutcome> outcome)
    {
        var pending = new Pending();
        outcome = pending.Outcome.Task;
        long atMs;
        do
            atMs = Math.Max(TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds(), Interlocked.Read(ref _lastAtMs) + 1);
        while (!_sent.TryAdd(atMs, pending));
        Interlocked.Exchange(ref _lastAtMs, atMs);
        return command with { AtMs = atMs };
    }

    public void Forget(ClusterCommand command) => _sent.TryRemove(command.AtMs, out _);

    /// <param name="command">What was delivered.</param>
    /// <param name="isOwn">This node sent it.</param>
    /// <param name="before">The state before it.</param>
    /// <param name="after">And after.</param>
    public void See(ClusterCommand command, bool isOwn, ClusterState before, ClusterState after)
    {
        foreach (var pending in _taken.Where(one => after.Order?.Number != one.Order).ToList())
        {
            _taken.Remove(pending);
            var last = after.History.LastOrDefault();
            pending.Outcome.TrySetResult(new OrderOutcome(command is TellPromoted, last?.What ?? "", last?.Why ?? ""));
        }

        if (!isOwn || command is ReportServer or KeepAlive || !_sent.TryRemove(command.AtMs, out var mine))
            return;
        if (command is GiveOrder && after.LastOrder > before.LastOrder)
        {
            mine.Order = after.LastOrder;
            _taken.Add(mine);
            return;
        }

        var isDone = after.LastDecision > before.LastDecision && command is not GiveOrder;
        mine.Outcome.TrySetResult(after.LastDecision > before.LastDecision
            ? new OrderOutcome(isDone, after.History[^1].What, after.History[^1].Why)
            : new OrderOutcome(false, "nothing is changed", "it is so already, or can't be"));
    }

    private sealed class Pending
    {
        public TaskCompletionSource<OrderOutcome> Outcome { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public ulong Order { get; set; }
    }
}
