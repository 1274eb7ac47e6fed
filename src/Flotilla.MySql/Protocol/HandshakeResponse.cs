using System.Buffers;

namespace Flotilla.MySql.Protocol;

/// <summary>
/// The client's answer to the handshake.
/// <code>
/// 32  as in <see cref="SslRequest"/>
/// s0  user
/// ln  answer to the challenge, after its length
/// s0  database                if ConnectWithDb
/// s0  authentication method   if PluginAuth
/// ln  attributes              if ConnectAttributes: length of all, then length-encoded names and values
/// </code>
/// </summary>
public sealed record HandshakeResponse
{
    public required CapabilityFlags Capabilities { get; init; }

    public uint MaxPacketBytes { get; init; } = 1 << 30;

    public byte Collation { get; init; }

    public required string User { get; init; }

    public required byte[] Answer { get; init; }

    public string? Database { get; init; }

    public string AuthMethod { get; init; } = "";

    public IReadOnlyList<KeyValuePair<string, string>> Attributes { get; init; } = [];

    public void Write(IBufferWriter<byte> output)
    {
        new SslRequest(Capabilities, MaxPacketBytes, Collation).Write(output);
        output.WriteNulTerminated(User);
        if (Has(CapabilityFlags.PluginAuthLengthEncoded))
        {
            output.WriteLengthEncodedBytes(Answer);
        }
        else
        {
            output.WriteByte(checked((byte)Answer.Length));
            output.Write(Answer);
        }

        if (Has(CapabilityFlags.ConnectWithDb))
            output.WriteNulTerminated(Database ?? "");
        if (Has(CapabilityFlags.PluginAuth))
            output.WriteNulTerminated(AuthMethod);
        if (Has(CapabilityFlags.ConnectAttributes))
            WriteAttributes(output, Attributes);
    }

    public static HandshakeResponse Parse(ReadOnlySpan<byte> payload)
    {
        var reader = new PacketReader(payload, "handshake response");
        var head = SslRequest.Parse(ref reader);
        var user = reader.ReadNulTerminatedText();
        var answer = head.Capabilities.HasFlag(CapabilityFlags.PluginAuthLengthEncoded)
            ? reader.ReadLengthEncodedBytes()
            : reader.ReadBytes(reader.ReadByte());
        var database = head.Capabilities.HasFlag(CapabilityFlags.ConnectWithDb) ? reader.ReadNulTerminatedText() : null;
        var method = head.Capabilities.HasFlag(CapabilityFlags.PluginAuth) ? reader.ReadNulTerminatedText() : "";
        var attributes = new List<KeyValuePair<string, string>>();
        if (head.Capabilities.HasFlag(CapabilityFlags.ConnectAttributes))
        {
            var inner = new PacketReader(reader.ReadLengthEncodedBytes(), "connection attributes");
            while (inner.Remaining > 0)
                attributes.Add(new(inner.ReadLengthEncodedText(), inner.ReadLengthEncodedText()));
        }

        return new HandshakeResponse
        {
            Capabilities = head.Capabilities,
            MaxPacketBytes = head.MaxPacketBytes,
            Collation = head.Collation,
            User = user,
            Answer = answer.ToArray(),
            Database = database,
            AuthMethod = method,
            Attributes = attributes,
        };
    }

    internal static void WriteAttributes(IBufferWriter<byte> output, IReadOnlyList<KeyValuePair<string, string>> attributes)
    {
        var inner = new ArrayBufferWriter<byte>();
        foreach (var (name, value) in attributes)
        {
            inner.WriteLengthEncodedText(name);
            inner.WriteLengthEncodedText(value);
        }

        output.WriteLengthEncodedBytes(inner.WrittenSpan);
    }

    private bool Has(CapabilityFlags flag) => Capabilities.HasFlag(flag);
}
