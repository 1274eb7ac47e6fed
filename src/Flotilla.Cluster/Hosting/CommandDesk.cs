using System.Collections.Concurrent;
using Flotilla.Cluster.Core;

namespace Flotilla.Cluster.Hosting;

/// <summary>Commands of people at this node, until they were applied here. They are known again by their time, which no two of this node share.</summary>
internal sealed class CommandDesk
{
    private readonly ConcurrentDictionary<long, TaskCompletionSource<ClusterState>> _sent = new();
    private long _lastAtMs;

    /// <summary>Marks a command; <paramref name="applied"/> ends with the state right after it.</summary>
    public ClusterCommand Register(ClusterCommand command, out Task<ClusterState> applied)
    {
        var pending = new TaskCompletionSource<ClusterState>(TaskCreationOptions.RunContinuationsAsynchronously);
        applied = pending.Task;
        long atMs;
        do
        {
            var last = Interlocked.Read(ref _lastAtMs);
            atMs = Math.Max(TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds(), last + 1);
            if (Interlocked.CompareExchange(ref _lastAtMs, atMs, last) != last)
                continue;
        }
        while (!_sent.TryAdd(atMs, pending));
        return command with { AtMs = atMs };
    }

    public void Forget(ClusterCommand command) => _sent.TryRemove(command.AtMs, out _);

    /// <summary>A command of this node was applied.</summary>
    public void See(ClusterCommand command, ClusterState after)
    {
        if (!_sent.IsEmpty && command is not (Core.Commands.ReportServer or Core.Commands.KeepAlive) && _sent.TryRemove(command.AtMs, out var pending))
            pending.TrySetResult(after);
    }
}
