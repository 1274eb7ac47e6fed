using Flotilla.Gearman.Protocol;

namespace Flotilla.Gearman.Connections;

/// <summary>A packet just received. <see cref="Body"/> is lent until the call returns; <see cref="Detach"/> makes a part of it last.</summary>
internal readonly ref struct IncomingPacket(PacketType type, ReadOnlySpan<byte> body, byte[]? owned)
{
    public PacketType Type { get; } = type;

    public ReadOnlySpan<byte> Body { get; } = body;

    /// <summary>True when the body has an array of its own, which is nobody else's: parts of it can be kept without copying.</summary>
    public bool IsOwned => owned is not null;

    /// <summary>The last <paramref name="lengthBytes"/> of the body as memory that stays valid.</summary>
    public ReadOnlyMemory<byte> Detach(int lengthBytes)
    {
        if (lengthBytes == 0)
            return default;
        return owned is not null ? owned.AsMemory(owned.Length - lengthBytes) : Body[^lengthBytes..].ToArray();
    }
}
