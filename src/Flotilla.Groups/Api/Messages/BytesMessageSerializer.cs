using System.Buffers;

namespace Flotilla.Groups;

/// <summary>Bytes as they are.</summary>
internal sealed class BytesMessageSerializer : IMessageSerializer<byte[]>
{
    public string Name => "b";

    public int Version => 1;

    public void Write(byte[] message, IBufferWriter<byte> writer) => writer.Write(message);

    public byte[] Read(ReadOnlySpan<byte> bytes, int version) => bytes.ToArray();
}
