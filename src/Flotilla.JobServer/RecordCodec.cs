using System.Buffers.Binary;
using Flotilla.JobServer.Core;

namespace Flotilla.JobServer;

/// <summary>
/// A <see cref="StoredRecord"/> as bytes, little-endian: kind u8, priority u8, function u16, unique u16, reducer u16, schedule u16
/// (lengths in bytes), attempts i32, id u64, due i64, then the five byte strings one after another, data taking the rest.
/// </summary>
public static class RecordCodec
{
    public const int HeadSizeBytes = 30;

    public static int SizeOf(in StoredRecord record)
        => HeadSizeBytes + record.Function.Length + record.Unique.Length + record.Reducer.Length + record.Schedule.Length + record.Data.Length;

    public static void Write(in StoredRecord record, Span<byte> target)
    {
        target[0] = (byte)record.Kind;
        target[1] = (byte)record.Priority;
        BinaryPrimitives.WriteUInt16LittleEndian(target[2..], checked((ushort)record.Function.Length));
        BinaryPrimitives.WriteUInt16LittleEndian(target[4..], checked((ushort)record.Unique.Length));
        BinaryPrimitives.WriteUInt16LittleEndian(target[6..], checked((ushort)record.Reducer.Length));
        BinaryPrimitives.WriteUInt16LittleEndian(target[8..], checked((ushort)record.Schedule.Length));
        BinaryPrimitives.WriteInt32LittleEndian(target[10..], record.Attempts);
        BinaryPrimitives.WriteUInt64LittleEndian(target[14..], record.Id.Value);
        BinaryPrimitives.WriteInt64LittleEndian(target[22..], record.DueMs);
        var rest = target[HeadSizeBytes..];
        rest = Put(rest, record.Function);
        rest = Put(rest, record.Unique);
        rest = Put(rest, record.Reducer);
        rest = Put(rest, record.Schedule);
        record.Data.CopyTo(rest);
    }

    /// <summary>False when the bytes cannot be a record; what it borrows from <paramref name="source"/> stays borrowed.</summary>
    public static bool TryRead(ReadOnlySpan<byte> source, out StoredRecord record)
    {
        record = default;
        if (source.Length < HeadSizeBytes)
            return false;
        int function = BinaryPrimitives.ReadUInt16LittleEndian(source[2..]);
        int unique = BinaryPrimitives.ReadUInt16LittleEndian(source[4..]);
        int reducer = BinaryPrimitives.ReadUInt16LittleEndian(source[6..]);
        int schedule = BinaryPrimitives.ReadUInt16LittleEndian(source[8..]);
        var rest = source[HeadSizeBytes..];
        if (rest.Length < function + unique + reducer + schedule)
            return false;
        record = new StoredRecord
        {
            Kind = (StoredRecordKind)source[0],
            Priority = (JobPriority)source[1],
            Attempts = BinaryPrimitives.ReadInt32LittleEndian(source[10..]),
            Id = new JobId(BinaryPrimitives.ReadUInt64LittleEndian(source[14..])),
            DueMs = BinaryPrimitives.ReadInt64LittleEndian(source[22..]),
            Function = rest[..function],
            Unique = rest.Slice(function, unique),
            Reducer = rest.Slice(function + unique, reducer),
            Schedule = rest.Slice(function + unique + reducer, schedule),
            Data = rest[(function + unique + reducer + schedule)..],
        };
        return true;
    }

    private static Span<byte> Put(Span<byte> target, ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(target);
        return target[bytes.Length..];
    }
}
