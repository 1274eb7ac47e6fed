using System.Buffers;

namespace Flotilla.MySql.Protocol;

/// <summary>
/// COM_CHANGE_USER: another user, and a session as if new, on the same connection.
/// <code>1 0x11 | s0 user | 1 length, answer | s0 database | 2 collation | s0 authentication method | attributes</code>
/// </summary>
public sealed record ChangeUserRequest
{
    public required CapabilityFlags Capabilities { get; init; }

    public required string User { get; init; }

    public required byte[] Answer { get; init; }

    public string? Database { get; init; }

    public byte Collation { get; init; }

    public string AuthMethod { get; init; } = "";

    public IReadOnlyList<KeyValuePair<string, string>> Attributes { get; init; } = [];

    public void Write(IBufferWriter<byte> output)
    {
        output.WriteByte((byte)ServerCommand.ChangeUser);
        output.WriteNulTerminated(User);
        output.WriteByte(checked((byte)Answer.Length));
        output.Write(Answer);
        output.WriteNulTerminated(Database ?? "");
        output.WriteUInt16(Collation);
        if (Capabilities.HasFlag(CapabilityFlags.PluginAuth))
            output.WriteNulTerminated(AuthMethod);
        if (Capabilities.HasFlag(CapabilityFlags.ConnectAttributes))
            HandshakeResponse.WriteAttributes(output, Attributes);
    }
}
