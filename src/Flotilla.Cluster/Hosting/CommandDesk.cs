using System.Collections.Concurrent;
using Flotilla.Cluster.Core;

namespace Flotilla.Cluster.Hosting;

/// <summary>
/// Commands of people at this node, until they were applied here. They are known again by their time, which no two of them share, and by what they say: the node's own commands may have the same
/// time. Commands of people hold no lists, which are never equal.
/// </summary>
internal sealed class CommandDesk
{
    private readonly ConcurrentDictionary<long, Waiting> _sent = new();
    private long _lastAtMs;

    /// <summary>Marks a command; <paramref name="applied"/> ends with the state right after it.</summary>
    public ClusterCommand Register(ClusterCommand command, out Task<ClusterState> applied)
    {
        var pending = new TaskCompletionSource<ClusterState>(TaskCreationOptions.RunContinuationsAsynchronously);
        applied = pending.Task;
        long last, atMs;
        do
        {
            last = Interlocked.Read(ref _lastAtMs);
            atMs = Math.Max(TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds(), last + 1);
        }
        while (Interlocked.CompareExchange(ref _lastAtMs, atMs, last) != last);
        command = command with { AtMs = atMs };
        _sent[atMs] = new Waiting(command, pending);
        return command;
    }

    public void Forget(ClusterCommand command) => _sent.TryRemove(command.AtMs, out _);

    /// <summary>A command of this node was applied.</summary>
    public void See(ClusterCommand command, ClusterState after)
    {
        if (_sent.TryGetValue(command.AtMs, out var waiting) && waiting.Command == command)
            waiting.Applied.TrySetResult(after);
    }

    private sealed record Waiting(ClusterCommand Command, TaskCompletionSource<ClusterState> Applied);
}
