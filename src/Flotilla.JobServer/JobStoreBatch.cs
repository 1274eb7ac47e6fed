using System.Buffers.Binary;
using Flotilla.JobServer.Core;
using Flotilla.Primitives;

namespace Flotilla.JobServer;

/// <summary>
/// Records that become durable together, kept as one run of bytes so that a file store can write it as it stands:
/// per record <see cref="RecordCodec"/>'s layout, preceded by its length. Filled by the server's loop, read by the store.
/// </summary>
public sealed class JobStoreBatch
{
    private byte[] _bytes = new byte[4096];
    private int _length;

    public int Count { get; private set; }

    public int LengthBytes => _length;

    public bool IsEmpty => Count == 0;

    /// <summary>Sequence number of the last record.</summary>
    public ulong LastSequence { get; private set; }

    /// <summary>
    /// Whether a record in it asks for new room (<see cref="StoredRecordKind.JobAdded"/>, <see cref="StoredRecordKind.ScheduleAdded"/>,
    /// <see cref="StoredRecordKind.FunctionSet"/>). A store that runs out of space refuses these first.
    /// </summary>
    public bool HasAdditions { get; private set; }

    /// <summary>The encoded records: u32 little-endian length, then that many bytes, and so on.</summary>
    public ReadOnlyMemory<byte> Bytes => _bytes.AsMemory(0, _length);

    public void Add(ulong sequence, in StoredRecord record)
    {
        var size = RecordCodec.SizeOf(record);
        var needed = _length + 4 + size;
        if (needed > _bytes.Length)
            Array.Resize(ref _bytes, Math.Max(needed, _bytes.Length * 2));
        BinaryPrimitives.WriteInt32LittleEndian(_bytes.AsSpan(_length), size);
        RecordCodec.Write(record, _bytes.AsSpan(_length + 4, size));
        _length = needed;
        Count++;
        LastSequence = sequence;
        HasAdditions |= IsAddition(record.Kind);
    }

    /// <summary>
    /// Drops the additions and keeps what ends or changes jobs. For the caller of a store that refused the batch: the submitters were
    /// told no, but jobs that ended stay ended only if the rest is committed later.
    /// </summary>
    public void KeepEndings()
    {
        var (from, to) = (0, 0);
        Count = 0;
        while (from < _length)
        {
            var size = 4 + BinaryPrimitives.ReadInt32LittleEndian(_bytes.AsSpan(from));
            if (!IsAddition((StoredRecordKind)_bytes[from + 4]))
            {
                _bytes.AsSpan(from, size).CopyTo(_bytes.AsSpan(to));
                to += size;
                Count++;
            }

            from += size;
        }

        _length = to;
        HasAdditions = false;
    }

    public void Clear()
    {
        _length = 0;
        Count = 0;
        HasAdditions = false;
        if (_bytes.Length > 16 * 1024 * 1024)
            _bytes = new byte[4096];
    }

    public Enumerator GetEnumerator() => new(this);

    private static bool IsAddition(StoredRecordKind kind)
        => kind is StoredRecordKind.JobAdded or StoredRecordKind.ScheduleAdded or StoredRecordKind.FunctionSet;

    /// <summary>Reads the records back, one after another.</summary>
    public ref struct Enumerator(JobStoreBatch batch)
    {
        private ReadOnlySpan<byte> _rest = batch._bytes.AsSpan(0, batch._length);

        public StoredRecord Current { get; private set; }

        public bool MoveNext()
        {
            if (_rest.IsEmpty)
                return false;
            var size = BinaryPrimitives.ReadInt32LittleEndian(_rest);
            Invariant.Require(RecordCodec.TryRead(_rest.Slice(4, size), out var record));
            Current = record;
            _rest = _rest[(4 + size)..];
            return true;
        }
    }
}
