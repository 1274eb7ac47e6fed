using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Flotilla.Groups;

/// <summary>Messages as JSON, by what the source generator of System.Text.Json made for the type: no reflection, so it works ahead of time. Fields a reader does not know are skipped.</summary>
public sealed class JsonMessageSerializer<T>(string name, int version, JsonTypeInfo<T> type) : IMessageSerializer<T>
{
    public string Name => name;

    public int Version => version;

    public void Write(T message, IBufferWriter<byte> writer)
    {
        using var json = new Utf8JsonWriter(writer);
        JsonSerializer.Serialize(json, message, type);
    }

    public T Read(ReadOnlySpan<byte> bytes, int version)
        => JsonSerializer.Deserialize(bytes, type) ?? throw new JsonException("the message is null");
}
