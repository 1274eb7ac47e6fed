using System.Buffers;

namespace Flotilla.MySql.Protocol;

/// <summary>
/// The client asks for TLS: the first 32 bytes of a handshake response, after which both sides speak TLS.
/// <code>4 capabilities | 4 largest packet | 1 collation | 19 zero | 4 MariaDB: extended capabilities, else zero</code>
/// </summary>
public readonly record struct SslRequest(CapabilityFlags Capabilities, uint MaxPacketBytes, byte Collation)
{
    public void Write(IBufferWriter<byte> output)
    {
        output.WriteUInt32((uint)Capabilities);
        output.WriteUInt32(MaxPacketBytes);
        output.WriteByte(Collation);
        output.WriteZeros(19);
        output.WriteUInt32(!Capabilities.HasFlag(CapabilityFlags.LongPassword) ? (uint)((ulong)Capabilities >> 32) : 0);
    }

    public static SslRequest Parse(ref PacketReader reader)
    {
        var capabilities = (CapabilityFlags)reader.ReadUInt32();
        var largest = reader.ReadUInt32();
        var collation = reader.ReadByte();
        reader.ReadBytes(19);
        var extended = reader.ReadUInt32();
        if (!capabilities.HasFlag(CapabilityFlags.LongPassword))
            capabilities |= (CapabilityFlags)((ulong)extended << 32);
        return new SslRequest(capabilities, largest, collation);
    }
}
