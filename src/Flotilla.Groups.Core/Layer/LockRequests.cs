using System.Text;

namespace Flotilla.Groups.Core.Layer;

/// <summary>This node's requests for locks, and what entries do to the table of them.</summary>
internal sealed class LockRequests(GroupLayer layer)
{
    private readonly List<PendingAcquire> _pending = [];
    private readonly List<LockGrant> _grants = [];
    private ulong _lastId;

    public void Acquire(ulong token, AcquireLock acquire)
    {
        var name = Encoding.UTF8.GetBytes(acquire.Name);
        if (WhyNot(name) is { } reason)
        {
            layer.Refuse(token, reason);
            return;
        }

        var now = layer.Context.NowNs;
        var isTry = acquire.TimeoutNs <= 0;
        var deadline = isTry || acquire.TimeoutNs > long.MaxValue - now ? long.MaxValue : now + acquire.TimeoutNs;
        var request = new PendingAcquire(++_lastId, token, acquire.Name, deadline, isTry);
        _pending.Add(request);
        layer.Submits.Say(new LayerEntry { Kind = LayerEntryKind.Acquire, Id = request.Id, Name = name, Flag = isTry });
    }

    private string? WhyNot(byte[] name)
    {
        if (name.Length is 0 or > LayerLimits.MaxNameBytes)
            return $"a lock's name has 1 to {LayerLimits.MaxNameBytes} bytes, this one {name.Length}";
        return _pending.Count >= LayerLimits.MaxLockWaiters ? $"{LayerLimits.MaxLockWaiters} requests of this node wait already" : null;
    }

    public void Release(ulong token, ReleaseLock release)
    {
        var name = Encoding.UTF8.GetBytes(release.Name);
        if (name.Length is 0 or > LayerLimits.MaxNameBytes)
            layer.Refuse(token, $"a lock's name has 1 to {LayerLimits.MaxNameBytes} bytes, this one {name.Length}");
        else
            layer.Submits.TrySubmit(Delivery.Ordered, new LayerEntry { Kind = LayerEntryKind.Release, Version = release.Token, Name = name }, new PendingSubmit(LayerEntryKind.Release, token), mustTake: true);
    }

    public void Delivered(in LogEntry entry, in LayerEntry read, in PendingSubmit pending)
    {
        var locks = layer.Tables.Locks;
        var name = Encoding.UTF8.GetString(read.Name);
        // Not before the sender is known to live: a lock of a member that has left would never be released.
        if (!layer.Tables.IsInView(entry.Sender))
            return;
        _grants.Clear();
        switch (read.Kind)
        {
            case LayerEntryKind.Acquire:
                var grant = locks.Acquire(name, entry.Sender, read.Id, read.Flag, entry.Epoch, out var refusal);
                if (grant is null && entry.Sender == layer.Log.Self)
                    End(read.Id, read.Flag ? CommandResult.TimedOut : CommandResult.Refused, 0, refusal);
                else if (grant is { Token: not 0 } given)
                    _grants.Add(given);
                break;
            case LayerEntryKind.Release:
                if (locks.Release(name, entry.Sender, read.Version, entry.Epoch, _grants))
                    layer.Tell(pending, CommandResult.Done, read.Version, null);
                else
                    layer.Tell(pending, CommandResult.Refused, 0, $"this node does not hold '{name}' under token {read.Version}");
                break;
            default:
                locks.Cancel(name, entry.Sender, read.Id, entry.Epoch, _grants);
                break;
        }

        Granted(_grants);
    }

    /// <summary>Tells who waits here; a request that timed out meanwhile has its cancellation on the way.</summary>
    public void Granted(List<LockGrant> grants)
    {
        foreach (var grant in grants.ToArray())
        {
            if (grant.Member == layer.Log.Self)
                End(grant.Request, CommandResult.Done, grant.Token, null);
        }
    }

    private void End(ulong id, CommandResult result, ulong number, string? reason)
    {
        var at = _pending.FindIndex(request => request.Id == id);
        if (at < 0)
            return;
        var request = _pending[at];
        _pending.RemoveAt(at);
        layer.Complete(request.Token, new CommandOutcome { Result = result, Number = number, Reason = reason });
    }

    public void Tick()
    {
        for (var i = 0; i < _pending.Count; i++)
        {
            var request = _pending[i];
            if (request.DeadlineNs > layer.Context.NowNs)
                continue;
            _pending.RemoveAt(i--);
            layer.Submits.Say(new LayerEntry { Kind = LayerEntryKind.CancelAcquire, Id = request.Id, Name = Encoding.UTF8.GetBytes(request.Name) });
            layer.Complete(request.Token, new CommandOutcome { Result = CommandResult.TimedOut, Reason = $"'{request.Name}' was not free in time" });
        }
    }

    public void EndAll(string why)
    {
        PendingAcquire[] all = [.. _pending];
        _pending.Clear();
        foreach (var request in all)
            layer.Complete(request.Token, new CommandOutcome { Result = CommandResult.Indeterminate, Reason = why });
    }
}
