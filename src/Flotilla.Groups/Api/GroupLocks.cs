using Flotilla.Groups.Core;

namespace Flotilla.Groups;

/// <summary>Locks of the whole cluster, each with fencing tokens. A lock is released when its holder's node leaves the cluster.</summary>
public sealed class GroupLocks
{
    private readonly GroupNode _node;
    private readonly NodeDispatcher _dispatcher;
    private readonly Lock _lock = new();
    private readonly HashSet<GroupLock> _held = [];

    internal GroupLocks(GroupNode node, NodeDispatcher dispatcher) => (_node, _dispatcher) = (node, dispatcher);

    /// <summary>Waits for a lock, in line behind who asked before. Throws <see cref="GroupException"/> with <see cref="GroupError.TimedOut"/> when it is not free in time.</summary>
    public Task<GroupLock> AcquireAsync(string name, TimeSpan? timeout = null, CancellationToken cancellation = default)
        => AcquireAsync(name, timeout is { } time ? Math.Max(1, (long)time.TotalNanoseconds) : AcquireLock.Forever, cancellation);

    /// <summary>Takes a lock if it is free; null when it is not.</summary>
    public async Task<GroupLock?> TryAcquireAsync(string name, CancellationToken cancellation = default)
    {
        try
        {
            return await AcquireAsync(name, 0, cancellation).ConfigureAwait(false);
        }
        catch (GroupException taken) when (taken.Error == GroupError.TimedOut)
        {
            return null;
        }
    }

    private async Task<GroupLock> AcquireAsync(string name, long timeoutNs, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var pending = new SimpleCommand();
        _dispatcher.Do(new AcquireLock(name, timeoutNs), pending);
        try
        {
            return Keep(name, await pending.Ended.WaitAsync(cancellation).ConfigureAwait(false));
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            _ = ReleaseWhenHeldAsync(name, pending.Ended);
            throw;
        }
    }

    private async Task ReleaseWhenHeldAsync(string name, Task<ulong> grant)
    {
        await ((Task)grant).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (grant.IsCompletedSuccessfully)
            _dispatcher.Do(new ReleaseLock(name, await grant.ConfigureAwait(false)));
    }

    private GroupLock Keep(string name, ulong token)
    {
        var held = new GroupLock(this, name, token);
        lock (_lock)
            _held.Add(held);
        // It may have been lost between the grant and now.
        if (!_node.IsPrimary)
            held.Lose();
        return held;
    }

    internal async Task ReleaseAsync(GroupLock held)
    {
        lock (_lock)
            _held.Remove(held);
        held.Lose();
        var pending = new SimpleCommand();
        _dispatcher.Do(new ReleaseLock(held.Name, held.Token), pending);
        // Refused means that it was lost already; no other end needs an answer either.
        await ((Task)pending.Ended).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    internal void LoseAll()
    {
        GroupLock[] lost;
        lock (_lock)
        {
            lost = [.. _held];
            _held.Clear();
        }

        foreach (var held in lost)
            held.Lose();
    }
}
