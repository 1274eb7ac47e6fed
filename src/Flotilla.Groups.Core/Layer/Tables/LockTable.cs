using Flotilla.Primitives;

namespace Flotilla.Groups.Core.Layer;

/// <summary>Who holds which lock and who waits, the same at all nodes.</summary>
internal sealed class LockTable
{
    private readonly SortedDictionary<string, Held> _locks = new(StringComparer.Ordinal);
    private ulong _lastToken;

    private sealed class Held
    {
        public LockGrant Holder;
        public List<LockGrant> Waiters = [];
    }

    public int Count => _locks.Count;

    /// <summary>The grant; one of token 0 when the request waits; null with a reason when it is refused.</summary>
    public LockGrant? Acquire(string name, MemberId member, ulong request, bool isTry, ulong epoch, out string? refusal)
    {
        refusal = null;
        if (!_locks.TryGetValue(name, out var held))
        {
            if (_locks.Count >= LayerLimits.MaxLocks)
                refusal = $"{LayerLimits.MaxLocks} locks are held already";
            else
                _locks.Add(name, held = new Held { Holder = new LockGrant(member, request, NextToken(epoch)) });
            return refusal is null ? held!.Holder : null;
        }

        if (isTry)
            refusal = $"{held.Holder.Member} holds it";
        else if (held.Waiters.Count >= LayerLimits.MaxLockWaiters)
            refusal = $"{LayerLimits.MaxLockWaiters} wait for it already";
        if (refusal is not null)
            return null;
        var waiting = new LockGrant(member, request, 0);
        held.Waiters.Add(waiting);
        return waiting;
    }

    /// <summary>False when the member does not hold it under that token.</summary>
    public bool Release(string name, MemberId member, ulong token, ulong epoch, List<LockGrant> grants)
    {
        if (!_locks.TryGetValue(name, out var held) || held.Holder.Member != member || held.Holder.Token != token)
            return false;
        PassOn(name, held, epoch, grants);
        return true;
    }

    /// <summary>Ends a request: its wait, or its hold.</summary>
    public void Cancel(string name, MemberId member, ulong request, ulong epoch, List<LockGrant> grants)
    {
        if (!_locks.TryGetValue(name, out var held))
            return;
        if (held.Holder.Member == member && held.Holder.Request == request)
            PassOn(name, held, epoch, grants);
        else
            held.Waiters.RemoveAll(waiter => waiter.Member == member && waiter.Request == request);
    }

    /// <summary>Members left the cluster: what they hold is passed on.</summary>
    public void Keep(Predicate<MemberId> stays, ulong epoch, List<LockGrant> grants)
    {
        List<string> names = [.. _locks.Keys];
        foreach (var name in names)
        {
            var held = _locks[name];
            held.Waiters.RemoveAll(waiter => !stays(waiter.Member));
            if (!stays(held.Holder.Member))
                PassOn(name, held, epoch, grants);
        }
    }

    private void PassOn(string name, Held held, ulong epoch, List<LockGrant> grants)
    {
        if (held.Waiters.Count == 0)
        {
            _locks.Remove(name);
            return;
        }

        var next = held.Waiters[0];
        held.Waiters.RemoveAt(0);
        var before = held.Holder.Token;
        held.Holder = next with { Token = NextToken(epoch) };
        Invariant.Require(held.Holder.Token >= before);
        grants.Add(held.Holder);
    }

    /// <summary>Grows also when a power failure took entries, as the epoch does.</summary>
    private ulong NextToken(ulong epoch)
    {
        if (!Planted.Is(PlantedBug.RepeatLockToken))
            _lastToken = Math.Max(_lastToken + 1, epoch << 32);
        return _lastToken;
    }

    public void Write(LayerWriter writer)
    {
        writer.Varint(_lastToken).Varint((ulong)_locks.Count);
        foreach (var (name, held) in _locks)
        {
            writer.Text(name).Member(held.Holder.Member).Varint(held.Holder.Request).Varint(held.Holder.Token);
            writer.Varint((ulong)held.Waiters.Count);
            foreach (var waiter in held.Waiters)
                writer.Member(waiter.Member).Varint(waiter.Request);
        }
    }

    public static LockTable Read(ref LayerReader reader)
    {
        var table = new LockTable { _lastToken = reader.Varint() };
        for (var count = reader.Count(17); count > 0 && reader.IsGood; count--)
        {
            var name = reader.Text(LayerLimits.MaxNameBytes);
            var held = new Held { Holder = new LockGrant(reader.Member(), reader.Varint(), reader.Varint()) };
            for (var waiters = reader.Count(13); waiters > 0 && reader.IsGood; waiters--)
                held.Waiters.Add(new LockGrant(reader.Member(), reader.Varint(), 0));
            table._locks[name] = held;
        }

        return table;
    }
}
