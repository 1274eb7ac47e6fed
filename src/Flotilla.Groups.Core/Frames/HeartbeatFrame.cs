using System.Buffers;
using System.Buffers.Binary;

namespace Flotilla.Groups.Core.Frames;

/// <summary>
/// A sign of life, and whom its sender hears: u32 incarnation; u64 counter, grows with every beat of that incarnation; u64 epoch of the view
/// installed, 0 for none; varint number of reports; <see cref="LinkReport"/>s, nodes ascending; the log's part takes the rest.
/// </summary>
internal readonly ref struct HeartbeatFrame
{
    public const int HeaderSizeBytes = 20;

    /// <summary>More nodes than any cluster has: the limit of what a peer can make us keep.</summary>
    public const int MaxReports = 1024;

    private readonly ReadOnlySpan<byte> _reports;

    private HeartbeatFrame(uint incarnation, ulong counter, ulong epoch, int count, ReadOnlySpan<byte> reports, ReadOnlySpan<byte> payload)
    {
        Incarnation = incarnation;
        Counter = counter;
        Epoch = epoch;
        ReportCount = count;
        _reports = reports;
        Payload = payload;
    }

    public uint Incarnation { get; }

    public ulong Counter { get; }

    public ulong Epoch { get; }

    public int ReportCount { get; }

    public ReadOnlySpan<byte> Payload { get; }

    public Enumerator GetEnumerator() => new(_reports, ReportCount);

    public static void WriteHeader(IBufferWriter<byte> writer, uint incarnation, ulong counter, ulong epoch, int reports)
    {
        var header = writer.GetSpan(HeaderSizeBytes);
        BinaryPrimitives.WriteUInt32LittleEndian(header, incarnation);
        BinaryPrimitives.WriteUInt64LittleEndian(header[4..], counter);
        BinaryPrimitives.WriteUInt64LittleEndian(header[12..], epoch);
        writer.Advance(HeaderSizeBytes);
        Varint.Write(writer, (ulong)reports);
    }

    public static void WriteReport(IBufferWriter<byte> writer, in LinkReport report)
    {
        var span = writer.GetSpan(LinkReport.MaxSizeBytes);
        BinaryPrimitives.WriteUInt64LittleEndian(span, report.Node.Value);
        var at = 8;
        at += Varint.Write(span[at..], report.Incarnation);
        at += Varint.Write(span[at..], report.Counter);
        at += Varint.Write(span[at..], ((ulong)report.OverTo << 1) | (report.HasLeft ? 1u : 0u));
        at += Varint.Write(span[at..], report.AgeMs is < 0 or > LinkReport.MaxAgeMs ? 0 : (ulong)report.AgeMs + 1);
        writer.Advance(at);
    }

    public static bool TryRead(ReadOnlySpan<byte> body, out HeartbeatFrame frame)
    {
        frame = default;
        if (body.Length < HeaderSizeBytes)
            return false;
        var rest = body[HeaderSizeBytes..];
        if (!Varint.TryRead(ref rest, out uint count) || count > MaxReports)
            return false;
        var reports = rest;
        var last = 0UL;
        for (var i = 0; i < count; i++)
        {
            if (!TryReadReport(ref rest, out var report) || report.Node.Value <= last)
                return false;
            last = report.Node.Value;
        }

        frame = new HeartbeatFrame(
            BinaryPrimitives.ReadUInt32LittleEndian(body),
            BinaryPrimitives.ReadUInt64LittleEndian(body[4..]),
            BinaryPrimitives.ReadUInt64LittleEndian(body[12..]),
            (int)count,
            reports[..^rest.Length],
            rest);
        return frame.Incarnation != 0;
    }

    private static bool TryReadReport(ref ReadOnlySpan<byte> rest, out LinkReport report)
    {
        report = default;
        if (rest.Length < 8)
            return false;
        var node = new NodeId(BinaryPrimitives.ReadUInt64LittleEndian(rest));
        rest = rest[8..];
        if (!Varint.TryRead(ref rest, out uint incarnation) || !Varint.TryRead(ref rest, out ulong counter)
            || !Varint.TryRead(ref rest, out ulong over) || !Varint.TryRead(ref rest, out uint age))
            return false;
        if (over >> 1 > uint.MaxValue || over == 1 || age > LinkReport.MaxAgeMs + 1)
            return false;
        report = new LinkReport(node, incarnation, counter) { OverTo = (uint)(over >> 1), HasLeft = (over & 1) != 0, AgeMs = (int)age - 1 };
        return true;
    }

    public ref struct Enumerator(ReadOnlySpan<byte> reports, int count)
    {
        private ReadOnlySpan<byte> _rest = reports;
        private int _left = count;
        private LinkReport _current;

        public readonly LinkReport Current => _current;

        public bool MoveNext() => _left-- > 0 && TryReadReport(ref _rest, out _current);
    }
}
