using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using Flotilla.JobServer.Core;
using Flotilla.Primitives;

namespace Flotilla.JobServer.Stores;

/// <summary>Walks a row of records, each behind its length: the payload of a frame, the bytes of a <see cref="JobStoreBatch"/>.</summary>
[SuppressMessage("Performance", "CA1815", Justification = "a cursor is never compared")]
internal ref struct RecordRow(ReadOnlySpan<byte> bytes)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;
    private int _next;

    public StoredRecord Current { get; private set; }

    /// <summary>Where the current record's length begins in the row.</summary>
    public int Start { get; private set; }

    /// <summary>Bytes of the current record with its length.</summary>
    public readonly int SizeBytes => _next - Start;

    /// <summary>The current record as it stands, with its length.</summary>
    public readonly ReadOnlySpan<byte> Raw => _bytes[Start.._next];

    /// <summary>The row must be whole, see <see cref="IsWhole"/>.</summary>
    public bool MoveNext()
    {
        if (_next == _bytes.Length)
            return false;
        Start = _next;
        var size = BinaryPrimitives.ReadInt32LittleEndian(_bytes[_next..]);
        Invariant.Require(RecordCodec.TryRead(_bytes.Slice(_next + sizeof(int), size), out var record));
        Current = record;
        _next += sizeof(int) + size;
        return true;
    }

    /// <summary>Whether the bytes are a row of records that can be read, up to the last byte.</summary>
    public static bool IsWhole(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            if (bytes.Length < sizeof(int))
                return false;
            var size = BinaryPrimitives.ReadInt32LittleEndian(bytes);
            if (size < 0 || size > bytes.Length - sizeof(int) || !RecordCodec.TryRead(bytes.Slice(sizeof(int), size), out _))
                return false;
            bytes = bytes[(sizeof(int) + size)..];
        }

        return true;
    }
}
