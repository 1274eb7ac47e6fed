using System.Buffers;

namespace Flotilla.Groups;

/// <summary>A known type of message, with its serializer.</summary>
internal sealed class TypedMessageType<T>(IMessageSerializer<T> serializer, byte[] name) : MessageType
{
    public override int Version => serializer.Version;

    public void Write(T message, IBufferWriter<byte> writer)
    {
        var span = writer.GetSpan(name.Length + 6);
        span[0] = (byte)name.Length;
        name.CopyTo(span[1..]);
        var at = 1 + name.Length;
        var version = (uint)serializer.Version;
        for (; version >= 0x80; version >>= 7)
            span[at++] = (byte)(version | 0x80);
        span[at++] = (byte)version;
        writer.Advance(at);
        serializer.Write(message, writer);
    }

    public T Read(ReadOnlySpan<byte> bytes, int version) => serializer.Read(bytes, version);
}
