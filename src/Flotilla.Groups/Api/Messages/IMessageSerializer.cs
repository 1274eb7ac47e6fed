using System.Buffers;

namespace Flotilla.Groups;

/// <summary>How messages of one type become bytes and back. The name and the version travel with each message, so that programs of two versions understand each other.</summary>
public interface IMessageSerializer<T>
{
    /// <summary>Names the type on the wire: 1 to 100 characters, the same in every program and version. Never a CLR name that a refactoring changes.</summary>
    string Name { get; }

    /// <summary>Version that <see cref="Write"/> writes, from 1. Raise it when older programs must not read the message any more.</summary>
    int Version { get; }

    void Write(T message, IBufferWriter<byte> writer);

    /// <summary>Reads a message of this version or an older one; of a newer one never. Bytes that make no sense: any exception.</summary>
    T Read(ReadOnlySpan<byte> bytes, int version);
}
