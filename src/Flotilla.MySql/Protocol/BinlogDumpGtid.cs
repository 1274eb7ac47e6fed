using System.Buffers;
using System.Text;

namespace Flotilla.MySql.Protocol;

/// <summary>
/// COM_BINLOG_DUMP_GTID after its command byte (MySQL): send all transactions that are not in a set.
/// <code>
/// 2 flags | 4 server id | 4 length, file | 8 position | 4 length of the set, then
/// 8 number of servers, for each: 16 uuid | 8 number of intervals, for each: 8 first | 8 last + 1
/// </code>
/// </summary>
/// <param name="EncodedGtidSet">The set in the form above.</param>
public readonly record struct BinlogDumpGtid(uint ServerId, ReadOnlyMemory<byte> EncodedGtidSet, string File = "", ulong Position = 4, BinlogDumpFlags Flags = BinlogDumpFlags.None)
{
    public void Write(IBufferWriter<byte> output)
    {
        output.WriteUInt16((ushort)Flags);
        output.WriteUInt32(ServerId);
        output.WriteUInt32((uint)Encoding.UTF8.GetByteCount(File));
        output.WriteText(File);
        output.WriteUInt64(Position);
        output.WriteUInt32((uint)EncodedGtidSet.Length);
        output.Write(EncodedGtidSet.Span);
    }
}
