using System.Buffers;

namespace Flotilla.MySql.Protocol;

/// <summary>
/// COM_BINLOG_DUMP after its command byte: send the binlog from a position on. <code>4 position | 2 flags | 4 server id | rest: file</code>
/// With MariaDB's @slave_connect_state set, file and position do not count. Positions beyond 4 GiB cannot be asked for.
/// </summary>
public readonly record struct BinlogDump(string File, uint Position, uint ServerId, BinlogDumpFlags Flags = BinlogDumpFlags.None)
{
    public void Write(IBufferWriter<byte> output)
    {
        output.WriteUInt32(Position);
        output.WriteUInt16((ushort)Flags);
        output.WriteUInt32(ServerId);
        output.WriteText(File);
    }
}
