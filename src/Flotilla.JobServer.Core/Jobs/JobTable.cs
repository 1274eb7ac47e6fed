using Flotilla.Gearman.Protocol;
using Flotilla.Primitives;

namespace Flotilla.JobServer.Core;

/// <summary>All jobs: their records, their bytes, and the ways to find them.</summary>
internal sealed class JobTable(ulong hashSeed)
{
    public const int None = -1;

    /// <summary>What an indexed job costs beside record and block: about two entries at the usual load.</summary>
    private const int IndexBytesPerJob = 32;
    private const int RecordSizeBytes = 96;
    private const int ChunkShift = 11;

    /// <summary>4096 shards: at ten million jobs one shard's growth moves about 2,500 entries.</summary>
    private const int ShardBits = 12;
    private readonly SlotPool<JobRecord> _records = new(ChunkShift);
    private readonly PayloadArena _arena = new();
    private readonly SharedPayloads _shared = new();
    private readonly HashIndex _byId = new(ShardBits);
    private readonly HashIndex _byUnique = new(ShardBits);
    private readonly KeyedHash _hash = new(hashSeed);

    public int Count => _records.Count;

    /// <summary>One more than the largest slot; for walks.</summary>
    public int End => _records.End;

    /// <summary>Bytes that jobs use: records, index entries, blocks, large payloads.</summary>
    public long UsedBytes => ((long)_records.Count * (RecordSizeBytes + IndexBytesPerJob)) + _arena.UsedBytes + _shared.UsedBytes;

    public bool IsFull => _arena.IsFull;

    public ref JobRecord this[int job] => ref _records[job];

    /// <summary>For walks over all slots: the next slot at or after <paramref name="job"/> that holds a job, or <see cref="End"/>.</summary>
    public int NextLive(int job, ref int budget)
    {
        while (job < _records.End && budget > 0)
        {
            if (!_records.WasUsed(job))
            {
                job = _records.NextChunk(job);
                budget--;
                continue;
            }

            if (_records[job].State != JobState.Free)
                return job;
            job++;
            budget--;
        }

        return job;
    }

    public int Add(JobId id, int function, ReadOnlySpan<byte> unique, ReadOnlySpan<byte> reducer, ReadOnlySpan<byte> data)
    {
        var job = _records.Allocate();
        ref var record = ref _records[job];
        record = new JobRecord
        {
            Id = id.Value,
            Function = function,
            Next = None,
            Previous = None,
            Block = PayloadArena.None,
            Shared = None,
            FirstLink = None,
            Worker = None,
            Timer = None,
            DataLength = data.Length,
            UniqueLength = checked((byte)unique.Length),
            ReducerLength = checked((ushort)reducer.Length),
        };
        if (data.Length >= PacketWriter.SharePayloadFromBytes)
            record.Shared = _shared.Add(data);
        var blockLength = unique.Length + reducer.Length + (record.Shared == None ? data.Length : 0);
        if (blockLength > 0)
        {
            record.Block = _arena.Allocate(blockLength);
            var block = _arena.Block(record.Block, 0, blockLength);
            unique.CopyTo(block);
            reducer.CopyTo(block[unique.Length..]);
            if (record.Shared == None)
                data.CopyTo(block[(unique.Length + reducer.Length)..]);
        }

        _byId.Add(KeyedHash.OfId(id.Value), job);
        return job;
    }

    /// <summary>The last act on a job: it must be out of every list by now.</summary>
    public void Remove(int job)
    {
        ref var record = ref _records[job];
        Invariant.Require(record.FirstLink == None && record.Timer == None);
        if (record.State != JobState.Cancelled)
            ForgetId(job);
        Unindex(job);
        if (record.Block != PayloadArena.None)
            _arena.Free(record.Block);
        if (record.Shared != None)
            _shared.Remove(record.Shared);
        _records.Free(job);
    }

    /// <summary>Takes a job's handle away: nobody finds it by its id any more.</summary>
    public void ForgetId(int job) => _byId.Remove(KeyedHash.OfId(_records[job].Id), job);

    public int Find(JobId id)
    {
        var probe = 0;
        while (_byId.TryNext(KeyedHash.OfId(id.Value), ref probe, out var job))
        {
            if (_records[job].Id == id.Value)
                return job;
        }

        return None;
    }

    public ReadOnlySpan<byte> Unique(int job)
    {
        ref var record = ref _records[job];
        return record.UniqueLength == 0 ? default : _arena.Block(record.Block, 0, record.UniqueLength);
    }

    public ReadOnlySpan<byte> Reducer(int job)
    {
        ref var record = ref _records[job];
        return record.ReducerLength == 0 ? default : _arena.Block(record.Block, record.UniqueLength, record.ReducerLength);
    }

    public ReadOnlySpan<byte> Data(int job)
    {
        ref var record = ref _records[job];
        if (record.Shared != None)
            return _shared[record.Shared];
        return record.DataLength == 0 ? default : _arena.Block(record.Block, record.UniqueLength + record.ReducerLength, record.DataLength);
    }

    /// <summary>A large payload as memory that outputs may keep; empty for small ones.</summary>
    public ReadOnlyMemory<byte> SharedData(int job)
    {
        ref var record = ref _records[job];
        return record.Shared == None ? default : _shared[record.Shared];
    }

    /// <summary>Whether a unique takes part in coalescing: none does not, nor <c>-</c> without a payload.</summary>
    public static bool IsKey(ReadOnlySpan<byte> unique, ReadOnlySpan<byte> data)
        => !unique.IsEmpty && (!IsDash(unique) || !data.IsEmpty);

    /// <summary>The job that a submit with this key joins, or <see cref="None"/>; and the hash under which a new one would be found.</summary>
    public int FindByUnique(int function, ReadOnlySpan<byte> unique, ReadOnlySpan<byte> data, out uint hash)
    {
        var byData = IsDash(unique);
        var key = byData ? data : unique;
        hash = HashOf(function, key, byData);
        var probe = 0;
        while (_byUnique.TryNext(hash, ref probe, out var job))
        {
            ref var record = ref _records[job];
            if (record.Function == function && record.Has(JobFlags.DataIsKey) == byData && key.SequenceEqual(byData ? Data(job) : Unique(job)))
                return job;
        }

        return None;
    }

    /// <summary>Makes a job the one that is found by its unique key, unless there is one already.</summary>
    public void Index(int job)
    {
        ref var record = ref _records[job];
        var unique = Unique(job);
        var data = Data(job);
        if (!IsKey(unique, data) || FindByUnique(record.Function, unique, data, out var hash) != None)
            return;
        record.UniqueHash = hash;
        record.Flags |= JobFlags.Indexed | (IsDash(unique) ? JobFlags.DataIsKey : JobFlags.None);
        _byUnique.Add(hash, job);
    }

    public void Unindex(int job)
    {
        ref var record = ref _records[job];
        if (!record.Has(JobFlags.Indexed))
            return;
        _byUnique.Remove(record.UniqueHash, job);
        record.Flags &= ~JobFlags.Indexed;
    }

    private static bool IsDash(ReadOnlySpan<byte> unique) => unique.Length == 1 && unique[0] == '-';

    private uint HashOf(int function, ReadOnlySpan<byte> key, bool byData) => _hash.Of(((uint)function << 1) | (byData ? 1u : 0u), key);
}
