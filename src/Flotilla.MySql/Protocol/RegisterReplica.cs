using System.Buffers;
using System.Text;

namespace Flotilla.MySql.Protocol;

/// <summary>
/// COM_REGISTER_SLAVE after its command byte: who asks for the binlog, for SHOW SLAVE HOSTS.
/// <code>4 server id | 1 length, host | 1 length, user | 1 length, password | 2 port | 4 rank 0 | 4 id of its primary 0</code>
/// </summary>
public readonly record struct RegisterReplica(uint ServerId, string Host = "", int Port = 0)
{
    public void Write(IBufferWriter<byte> output)
    {
        output.WriteUInt32(ServerId);
        var host = Encoding.UTF8.GetBytes(Host);
        output.WriteByte(checked((byte)host.Length));
        output.Write(host);
        output.WriteByte(0);
        output.WriteByte(0);
        output.WriteUInt16(checked((ushort)Port));
        output.WriteUInt32(0);
        output.WriteUInt32(0);
    }
}
