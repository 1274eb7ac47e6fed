using Flotilla.Primitives;

namespace Flotilla.JobServer.Core;

/// <summary>
/// From a 32-bit hash to slots, open addressing with linear probing. Cut into shards that grow and shrink one at a time: the longest
/// pause is one shard's move, however many million entries there are.
/// </summary>
internal sealed class HashIndex
{
    private const int FirstShardSize = 8;
    private readonly int _shardShift;
    private readonly Shard[] _shards;

    /// <summary>An empty index.</summary>
    /// <param name="shardBits">There are two to this power shards.</param>
    public HashIndex(int shardBits)
    {
        _shardShift = 32 - shardBits;
        _shards = new Shard[1 << shardBits];
    }

    /// <summary>An entry is the hash in its upper half and the slot plus one in its lower; zero is free.</summary>
    private struct Shard
    {
        public ulong[]? Entries;
        public int Count;
    }

    public int Count { get; private set; }

    /// <summary>Bytes of tables held.</summary>
    public long HeldBytes { get; private set; }

    /// <summary>
    /// Gives the slots under a hash one after another: start with <paramref name="probe"/> zero, ask again to go on.
    /// The caller compares the keys; nothing may be added or removed in between.
    /// </summary>
    public bool TryNext(uint hash, ref int probe, out int slot)
    {
        slot = -1;
        var entries = _shards[hash >> _shardShift].Entries;
        if (entries is null)
            return false;
        var mask = entries.Length - 1;
        for (var at = (int)(hash + (uint)probe) & mask; probe <= mask; at = (at + 1) & mask)
        {
            var entry = entries[at];
            if (entry == 0)
                return false;
            probe++;
            if ((uint)(entry >> 32) != hash)
                continue;
            slot = (int)((uint)entry - 1);
            return true;
        }

        return false;
    }

    public void Add(uint hash, int slot)
    {
        ref var shard = ref _shards[hash >> _shardShift];
        var entries = shard.Entries ??= Table(FirstShardSize);
        if ((shard.Count + 1) * 4 > entries.Length * 3)
            entries = Resize(ref shard, entries.Length * 2);
        Put(entries, ((ulong)hash << 32) | ((uint)slot + 1));
        shard.Count++;
        Count++;
    }

    public void Remove(uint hash, int slot)
    {
        ref var shard = ref _shards[hash >> _shardShift];
        var entries = shard.Entries;
        Invariant.Require(entries is not null);
        var mask = entries.Length - 1;
        var wanted = ((ulong)hash << 32) | ((uint)slot + 1);
        var at = (int)hash & mask;
        while (entries[at] != wanted)
        {
            Invariant.Require(entries[at] != 0);
            at = (at + 1) & mask;
        }

        CloseGap(entries, at);
        shard.Count--;
        Count--;
        if (entries.Length > FirstShardSize && shard.Count * 6 < entries.Length)
        {
            Resize(ref shard, entries.Length / 2);
        }
    }

    private static void Put(ulong[] entries, ulong entry)
    {
        var mask = entries.Length - 1;
        var at = (int)(entry >> 32) & mask;
        while (entries[at] != 0)
            at = (at + 1) & mask;
        entries[at] = entry;
    }

    /// <summary>Moves later entries of the run back, so that no mark is needed where one was removed.</summary>
    private static void CloseGap(ulong[] entries, int gap)
    {
        var mask = entries.Length - 1;
        for (var at = (gap + 1) & mask; entries[at] != 0; at = (at + 1) & mask)
        {
            var home = (int)(entries[at] >> 32) & mask;
            if (((at - home) & mask) < ((at - gap) & mask))
                continue;
            entries[gap] = entries[at];
            gap = at;
        }

        entries[gap] = 0;
    }

    private ulong[] Table(int size)
    {
        HeldBytes += (long)size * sizeof(ulong);
        return new ulong[size];
    }

    private ulong[] Resize(ref Shard shard, int size)
    {
        var old = shard.Entries!;
        HeldBytes -= (long)old.Length * sizeof(ulong);
        shard.Entries = Table(size);
        foreach (var entry in old)
        {
            if (entry != 0)
                Put(shard.Entries, entry);
        }

        return shard.Entries;
    }
}
