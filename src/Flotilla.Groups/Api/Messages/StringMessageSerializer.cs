using System.Buffers;
using System.Text;

namespace Flotilla.Groups;

/// <summary>Texts, in UTF-8.</summary>
internal sealed class StringMessageSerializer : IMessageSerializer<string>
{
    public string Name => "s";

    public int Version => 1;

    public void Write(string message, IBufferWriter<byte> writer) => Encoding.UTF8.GetBytes(message, writer);

    public string Read(ReadOnlySpan<byte> bytes, int version) => Encoding.UTF8.GetString(bytes);
}
