using System.Buffers;
using System.Text;
using System.Text.Json.Serialization.Metadata;

namespace Flotilla.Groups;

/// <summary>
/// The types of messages a program knows. <c>string</c> and <c>byte[]</c> are known always. Fill it before the node starts; after that it is read by any thread.
/// </summary>
public sealed class MessageCatalog
{
    private const int MaxNameBytes = 100;

    private readonly Dictionary<Type, MessageType> _byType = [];
    private readonly Dictionary<string, MessageType> _byName = new(StringComparer.Ordinal);
    private readonly Dictionary<string, MessageType>.AlternateLookup<ReadOnlySpan<char>> _bySpan;

    public MessageCatalog()
    {
        _bySpan = _byName.GetAlternateLookup<ReadOnlySpan<char>>();
        Add(new StringMessageSerializer());
        Add(new BytesMessageSerializer());
    }

    /// <summary>Adds a type. Throws <see cref="ArgumentException"/> for a name that is taken, or is none.</summary>
    public MessageCatalog Add<T>(IMessageSerializer<T> serializer)
    {
        var name = Encoding.UTF8.GetBytes(serializer.Name);
        if (name.Length is 0 or > MaxNameBytes)
            throw new ArgumentException($"a message type's name has 1 to {MaxNameBytes} bytes: '{serializer.Name}' does not", nameof(serializer));
        if (serializer.Version < 1)
            throw new ArgumentException($"versions count from 1: '{serializer.Name}' has {serializer.Version}", nameof(serializer));
        var type = new TypedMessageType<T>(serializer, name);
        if (_byName.ContainsKey(serializer.Name) || _byType.ContainsKey(typeof(T)))
            throw new ArgumentException($"'{serializer.Name}' or {typeof(T)} is known already", nameof(serializer));
        _byName.Add(serializer.Name, type);
        _byType.Add(typeof(T), type);
        return this;
    }

    /// <summary>Adds a type as JSON, by its source-generated description: <c>catalog.Add("server-joined", MyContext.Default.ServerJoined)</c>.</summary>
    public MessageCatalog Add<T>(string name, JsonTypeInfo<T> type, int version = 1) => Add(new JsonMessageSerializer<T>(name, version, type));

    internal TypedMessageType<T> Find<T>()
        => _byType.TryGetValue(typeof(T), out var type) && type is TypedMessageType<T> typed
            ? typed
            : throw new InvalidOperationException($"{typeof(T)} is no known type of message: add it to GroupOptions.Messages");

    /// <summary>u8 length and name, varint version, the message.</summary>
    internal void Write<T>(T message, IBufferWriter<byte> writer) => Find<T>().Write(message, writer);

    /// <summary>Finds the type of a message; says what is wrong when there is none that can read it.</summary>
    internal MessageType? Read(ReadOnlySpan<byte> bytes, out int version, out ReadOnlySpan<byte> body, out string? problem)
    {
        version = 0;
        body = default;
        problem = "it is no typed message";
        if (bytes.IsEmpty || bytes[0] is 0 or > MaxNameBytes || bytes.Length < 2 + bytes[0])
            return null;
        Span<char> characters = stackalloc char[MaxNameBytes];
        if (!Encoding.UTF8.TryGetChars(bytes.Slice(1, bytes[0]), characters, out var count))
            return null;
        var name = characters[..count];
        var at = 1 + bytes[0];
        for (var shift = 0; ; shift += 7)
        {
            if (at == bytes.Length || shift > 28)
                return null;
            version |= (bytes[at] & 0x7f) << shift;
            if (bytes[at++] < 0x80)
                break;
        }

        body = bytes[at..];
        if (!_bySpan.TryGetValue(name, out var type))
            problem = $"messages of type '{name}' are not known to this program: add the type to GroupOptions.Messages";
        else if (version > type.Version || version < 1)
            problem = $"it is a '{name}' of version {version}, this program knows up to {type.Version}: upgrade this program";
        else
            problem = null;
        return problem is null ? type : null;
    }
}
