using System.Buffers.Binary;
using System.Text;

namespace Flotilla.Guard;

/// <summary>A packet from a node, its fields borrowed from the bytes. Byte layouts: docs/protocols/guard.md, "Requests".</summary>
internal readonly ref struct Request
{
    public const int HeaderBytes = GuardProtocol.HeaderBytes;
    public const int StartBytesMin = HeaderBytes + 10;
    public const int AttachBytes = HeaderBytes + 24;
    public const int LeaseBytes = HeaderBytes + 16;
    public const int ReleaseBytes = HeaderBytes + 8;
    public const int StopBytes = HeaderBytes + 4;

    public RequestType Type { get; init; }

    /// <summary>The node's number for it, which the answer repeats.</summary>
    public uint Number { get; init; }

    public ulong Epoch { get; init; }
    public GuardRole Role { get; init; }
    public int ArgumentCount { get; init; }

    /// <summary>Further arguments of the server, each with a zero at its end.</summary>
    public ReadOnlySpan<byte> Arguments { get; init; }

    public int Process { get; init; }

    /// <summary>When that process began, as field 22 of <c>/proc/PID/stat</c>: process numbers are given again.</summary>
    public ulong ProcessBegan { get; init; }

    public long DeadlineNs { get; init; }
    public uint GraceMs { get; init; }

    /// <summary>Reads a whole packet; false when it is none of version 1.</summary>
    public static bool TryRead(ReadOnlySpan<byte> packet, out Request request)
    {
        request = default;
        if (packet.Length is < HeaderBytes or > GuardProtocol.PacketBytesMax || packet[0] != GuardProtocol.Version || packet[2] != 0 || packet[3] != 0)
            return false;
        var (type, number) = ((RequestType)packet[1], BinaryPrimitives.ReadUInt32LittleEndian(packet[4..]));
        var body = packet[HeaderBytes..];
        switch (type)
        {
            case RequestType.Claim or RequestType.Kill or RequestType.Status or RequestType.Quit:
                request = new Request { Type = type, Number = number };
                return body.Length == 0;
            case RequestType.Start when packet.Length >= StartBytesMin:
                request = new Request { Type = type, Number = number, Epoch = EpochOf(body), Role = (GuardRole)body[8], ArgumentCount = body[9], Arguments = body[10..] };
                return IsRole(request.Role) && AreArguments(request.Arguments, request.ArgumentCount);
            case RequestType.Attach when packet.Length == AttachBytes:
                request = new Request
                {
                    Type = type,
                    Number = number,
                    Epoch = EpochOf(body),
                    ProcessBegan = BinaryPrimitives.ReadUInt64LittleEndian(body[8..]),
                    Process = BinaryPrimitives.ReadInt32LittleEndian(body[16..]),
                    Role = (GuardRole)body[20],
                };
                return (IsRole(request.Role) || request.Role == GuardRole.None) && request.Process > 0 && body[21..].IndexOfAnyExcept((byte)0) < 0;
            case RequestType.Lease when packet.Length == LeaseBytes:
                request = new Request { Type = type, Number = number, Epoch = EpochOf(body), DeadlineNs = BinaryPrimitives.ReadInt64LittleEndian(body[8..]) };
                return request.DeadlineNs > 0;
            case RequestType.Release when packet.Length == ReleaseBytes:
                request = new Request { Type = type, Number = number, Epoch = EpochOf(body) };
                return true;
            case RequestType.Stop when packet.Length == StopBytes:
                request = new Request { Type = type, Number = number, GraceMs = BinaryPrimitives.ReadUInt32LittleEndian(body) };
                return request.GraceMs <= GuardProtocol.GraceMsMax;
            default:
                return false;
        }
    }

    /// <summary>A packet without a body.</summary>
    public static int WriteBare(Span<byte> target, RequestType type, uint number)
    {
        WriteHeader(target, type, number);
        return HeaderBytes;
    }

    public static int WriteStart(Span<byte> target, uint number, ulong epoch, GuardRole role, IReadOnlyList<string> arguments)
    {
        WriteHeader(target, RequestType.Start, number);
        BinaryPrimitives.WriteUInt64LittleEndian(target[HeaderBytes..], epoch);
        target[HeaderBytes + 8] = (byte)role;
        target[HeaderBytes + 9] = (byte)arguments.Count;
        var length = StartBytesMin;
        foreach (var argument in arguments)
        {
            length += Encoding.UTF8.GetBytes(argument, target[length..]);
            target[length++] = 0;
        }

        return length;
    }

    public static int WriteAttach(Span<byte> target, uint number, ulong epoch, GuardRole role, int process, ulong processBegan)
    {
        WriteHeader(target, RequestType.Attach, number);
        BinaryPrimitives.WriteUInt64LittleEndian(target[HeaderBytes..], epoch);
        BinaryPrimitives.WriteUInt64LittleEndian(target[(HeaderBytes + 8)..], processBegan);
        BinaryPrimitives.WriteInt32LittleEndian(target[(HeaderBytes + 16)..], process);
        BinaryPrimitives.WriteUInt32LittleEndian(target[(HeaderBytes + 20)..], (byte)role);
        return AttachBytes;
    }

    public static int WriteLease(Span<byte> target, uint number, ulong epoch, long deadlineNs)
    {
        WriteHeader(target, RequestType.Lease, number);
        BinaryPrimitives.WriteUInt64LittleEndian(target[HeaderBytes..], epoch);
        BinaryPrimitives.WriteInt64LittleEndian(target[(HeaderBytes + 8)..], deadlineNs);
        return LeaseBytes;
    }

    public static int WriteRelease(Span<byte> target, uint number, ulong epoch)
    {
        WriteHeader(target, RequestType.Release, number);
        BinaryPrimitives.WriteUInt64LittleEndian(target[HeaderBytes..], epoch);
        return ReleaseBytes;
    }

    public static int WriteStop(Span<byte> target, uint number, uint graceMs)
    {
        WriteHeader(target, RequestType.Stop, number);
        BinaryPrimitives.WriteUInt32LittleEndian(target[HeaderBytes..], graceMs);
        return StopBytes;
    }

    private static void WriteHeader(Span<byte> target, RequestType type, uint number)
    {
        target[0] = GuardProtocol.Version;
        target[1] = (byte)type;
        target[2] = 0;
        target[3] = 0;
        BinaryPrimitives.WriteUInt32LittleEndian(target[4..], number);
    }

    private static ulong EpochOf(ReadOnlySpan<byte> body) => BinaryPrimitives.ReadUInt64LittleEndian(body);

    private static bool AreArguments(ReadOnlySpan<byte> arguments, int count)
        => count <= GuardProtocol.ArgumentsMax && arguments.Count((byte)0) == count && (arguments.Length == 0 || arguments[^1] == 0);

    private static bool IsRole(GuardRole role) => role is GuardRole.Primary or GuardRole.Replica;
}
