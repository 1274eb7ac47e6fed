using System.Text;

namespace Flotilla.MySql.Protocol;

/// <summary>
/// The server's first packet, protocol version 10.
/// <code>
/// 1  10                          | 2  capabilities, low half
/// s0 version                     | 1  collation      2 status
/// 4  connection id               | 2  capabilities, high half
/// 8  nonce, first part           | 1  length of the nonce (21)
/// 1  0                           | 6  0              4 MariaDB: extended capabilities
///                                | n  nonce, second part, ends with 0;  s0 name of the authentication method
/// </code>
/// MariaDB before 11 puts <c>5.5.5-</c> before its version, for replicas that take 10 for 1.
/// </summary>
public sealed record InitialHandshake
{
    private const string MariaDbPrefix = "5.5.5-";

    /// <summary>As announced, without MariaDB's prefix.</summary>
    public required string Version { get; init; }

    public required uint ConnectionId { get; init; }

    /// <summary>Random bytes that answers to the challenge depend on; usually 20.</summary>
    public required byte[] Nonce { get; init; }

    public required CapabilityFlags Capabilities { get; init; }

    public byte Collation { get; init; }

    public ServerStatus Status { get; init; }

    /// <summary>Empty from servers that know none.</summary>
    public string AuthMethod { get; init; } = "";

    public bool IsMariaDb { get; init; }

    public static InitialHandshake Parse(ReadOnlySpan<byte> payload)
    {
        var reader = new PacketReader(payload, "handshake");
        reader.Expect(10);
        var version = Encoding.UTF8.GetString(reader.ReadNulTerminated());
        var id = reader.ReadUInt32();
        var nonce = reader.ReadBytes(8);
        reader.Expect(0);
        ulong capabilities = reader.ReadUInt16();
        if (reader.Remaining == 0)
        {
            return new InitialHandshake
            {
                Version = version, ConnectionId = id, Nonce = nonce.ToArray(), Capabilities = (CapabilityFlags)capabilities,
            };
        }

        var collation = reader.ReadByte();
        var status = (ServerStatus)reader.ReadUInt16();
        capabilities |= (ulong)reader.ReadUInt16() << 16;
        var nonceLength = reader.ReadByte();
        reader.ReadBytes(6);
        var extended = reader.ReadUInt32();
        var isMariaDb = version.StartsWith(MariaDbPrefix, StringComparison.Ordinal) || version.Contains("MariaDB", StringComparison.OrdinalIgnoreCase);
        if (!((CapabilityFlags)capabilities).HasFlag(CapabilityFlags.LongPassword))
            capabilities |= (ulong)extended << 32;
        ReadOnlySpan<byte> second = default;
        if (((CapabilityFlags)capabilities).HasFlag(CapabilityFlags.SecureConnection))
            second = reader.ReadBytes(Math.Min(reader.Remaining, Math.Max(13, nonceLength - 8)));
        var method = "";
        if (((CapabilityFlags)capabilities).HasFlag(CapabilityFlags.PluginAuth))
            method = Encoding.UTF8.GetString(reader.ReadRest().TrimEnd((byte)0));
        return new InitialHandshake
        {
            Version = version.StartsWith(MariaDbPrefix, StringComparison.Ordinal) ? version[MariaDbPrefix.Length..] : version,
            ConnectionId = id,
            Nonce = [.. nonce, .. WithoutFinalZero(second)],
            Capabilities = (CapabilityFlags)capabilities,
            Collation = collation,
            Status = status,
            AuthMethod = method,
            IsMariaDb = isMariaDb,
        };
    }

    private static ReadOnlySpan<byte> WithoutFinalZero(ReadOnlySpan<byte> bytes) => bytes is [.. var rest, 0] ? rest : bytes;
}
