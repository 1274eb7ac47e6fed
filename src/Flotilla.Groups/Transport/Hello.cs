using System.Buffers.Binary;
using System.Text;
using Flotilla.Groups.Core;
using Flotilla.Groups.Core.Frames;

namespace Flotilla.Groups.Transport;

/// <summary>
/// Who is at one end of a connection. Little endian: "FLOTGRUP", u16 wire version, u8 role, u8 1 when it has a secret, u64 u64 cluster, u64 node, u32
/// incarnation, u64 instance (drawn at every start), 32 bytes nonce, u8 length and name, u16 length and address (UTF-8).
/// </summary>
internal sealed record Hello
{
    public const int NonceBytes = 32;
    public const int MaxNameBytes = 255;
    public const int MaxAddressBytes = 1024;

    private const int FixedBytes = 8 + 2 + 1 + 1 + 16 + 8 + 4 + 8 + NonceBytes;

    public int WireVersion { get; init; } = FrameLimits.WireVersion;

    public PeerRole Role { get; init; } = PeerRole.Node;

    public bool HasSecret { get; init; }

    public ClusterId Cluster { get; init; }

    public MemberId Id { get; init; }

    public ulong Instance { get; init; }

    public required byte[] Nonce { get; init; }

    public string Name { get; init; } = "";

    public string Address { get; init; } = "";

    private static ReadOnlySpan<byte> Magic => "FLOTGRUP"u8;

    public PeerHello ToPeerHello() => new() { Id = Id, Name = Name, Address = Address, Cluster = Cluster, WireVersion = WireVersion };

    /// <summary>What to say when it has this node's identity and is another process.</summary>
    public string TellOfCopy()
        => $"a process at {Address} has this node's own identity: was the data directory copied? Give it an empty one";

    public byte[] ToBytes()
    {
        var name = Encoding.UTF8.GetBytes(Name);
        var address = Encoding.UTF8.GetBytes(Address);
        var bytes = new byte[FixedBytes + 1 + name.Length + 2 + address.Length];
        var span = bytes.AsSpan();
        Magic.CopyTo(span);
        BinaryPrimitives.WriteUInt16LittleEndian(span[8..], (ushort)WireVersion);
        span[10] = (byte)Role;
        span[11] = HasSecret ? (byte)1 : (byte)0;
        BinaryPrimitives.WriteUInt64LittleEndian(span[12..], Cluster.High);
        BinaryPrimitives.WriteUInt64LittleEndian(span[20..], Cluster.Low);
        BinaryPrimitives.WriteUInt64LittleEndian(span[28..], Id.Node.Value);
        BinaryPrimitives.WriteUInt32LittleEndian(span[36..], Id.Incarnation);
        BinaryPrimitives.WriteUInt64LittleEndian(span[40..], Instance);
        Nonce.CopyTo(span[48..]);
        span[FixedBytes] = (byte)name.Length;
        name.CopyTo(span[(FixedBytes + 1)..]);
        var rest = span[(FixedBytes + 1 + name.Length)..];
        BinaryPrimitives.WriteUInt16LittleEndian(rest, (ushort)address.Length);
        address.CopyTo(rest[2..]);
        return bytes;
    }

    /// <summary>
    /// Reads the hello at the head; <paramref name="used"/> is its length. Of a newer version only the version is read: the caller says so to its peer.
    /// </summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out Hello? hello, out int used)
    {
        hello = null;
        used = 0;
        if (bytes.Length < 10 || !bytes[..8].SequenceEqual(Magic))
            return false;
        var version = BinaryPrimitives.ReadUInt16LittleEndian(bytes[8..]);
        if (version > FrameLimits.WireVersion)
        {
            hello = new Hello { WireVersion = version, Nonce = [] };
            used = bytes.Length;
            return true;
        }

        if (version == 0 || bytes.Length < FixedBytes + 3 || bytes[10] is not (1 or 2) || bytes[11] > 1)
            return false;
        var rest = bytes[FixedBytes..];
        if (!TryText(ref rest, rest[0], 1, out var name) || rest.Length < 2)
            return false;
        var addressBytes = BinaryPrimitives.ReadUInt16LittleEndian(rest);
        if (addressBytes > MaxAddressBytes || !TryText(ref rest, addressBytes, 2, out var address))
            return false;
        hello = new Hello
        {
            WireVersion = version,
            Role = (PeerRole)bytes[10],
            HasSecret = bytes[11] == 1,
            Cluster = new ClusterId(BinaryPrimitives.ReadUInt64LittleEndian(bytes[12..]), BinaryPrimitives.ReadUInt64LittleEndian(bytes[20..])),
            Id = new MemberId(new NodeId(BinaryPrimitives.ReadUInt64LittleEndian(bytes[28..])), BinaryPrimitives.ReadUInt32LittleEndian(bytes[36..])),
            Instance = BinaryPrimitives.ReadUInt64LittleEndian(bytes[40..]),
            Nonce = bytes.Slice(48, NonceBytes).ToArray(),
            Name = name,
            Address = address,
        };
        used = bytes.Length - rest.Length;
        return hello.Role == PeerRole.Client || (!hello.Id.Node.IsNone && address.Length > 0);
    }

    private static bool TryText(ref ReadOnlySpan<byte> rest, int length, int lengthBytes, out string text)
    {
        text = "";
        if (rest.Length < lengthBytes + length)
            return false;
        var bytes = rest.Slice(lengthBytes, length);
        rest = rest[(lengthBytes + length)..];
        if (!System.Text.Unicode.Utf8.IsValid(bytes) || bytes.IndexOfAnyInRange((byte)0, (byte)0x1F) >= 0)
            return false;
        text = Encoding.UTF8.GetString(bytes);
        return true;
    }
}
