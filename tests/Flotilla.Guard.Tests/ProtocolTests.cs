using System.Text;
using Flotilla.TestSupport.Fuzz;

namespace Flotilla.Guard.Tests;

/// <summary>The bytes of docs/protocols/guard.md.</summary>
public sealed class ProtocolTests
{
    private static readonly GuardState Full = new()
    {
        Change = GuardChange.Ended, Phase = GuardedPhase.Ended, Role = GuardRole.Replica, Flags = GuardFlags.YouSpeak | GuardFlags.Spoken, Killed = KillCause.Deadline,
        Exit = ServerExit.Signal, ExitCode = 9, GuardProcess = 0x0102, ServerProcess = 0x0304, Epoch = 0x0506, DeadlineNs = 0x0708, StartedNs = 0x090A, KilledNs = 0x0B0C, EndedNs = 0x0D0E,
    };

    /// <summary>Every request as it goes over the socket.</summary>
    public static TheoryData<string, string> Requests => new()
    {
        { "claim", "0101000007000000" },
        { "start", "0102000007000000" + "0500000000000000" + "01" + "02" + "2D2D6100" + "C3BC00" },
        { "start without arguments", "0102000007000000" + "0500000000000000" + "02" + "00" },
        { "attach", "0103000007000000" + "0500000000000000" + "0900000000000000" + "0B000000" + "02" + "000000" },
        { "lease", "0104000007000000" + "0500000000000000" + "00E1F50500000000" },
        { "release", "0105000007000000" + "0500000000000000" },
        { "stop", "0106000007000000" + "E8030000" },
        { "kill", "0107000007000000" },
        { "status", "0108000007000000" },
        { "quit", "0109000007000000" },
    };

    [Theory]
    [MemberData(nameof(Requests))]
    public void ARequestHasTheBytesThatTheDocumentSays(string name, string bytes)
    {
        var packet = new byte[GuardProtocol.PacketBytesMax];
        var length = name switch
        {
            "claim" => Request.WriteBare(packet, RequestType.Claim, 7),
            "start" => Request.WriteStart(packet, 7, 5, GuardRole.Primary, ["--a", "ü"]),
            "start without arguments" => Request.WriteStart(packet, 7, 5, GuardRole.Replica, []),
            "attach" => Request.WriteAttach(packet, 7, 5, GuardRole.Replica, 11, 9),
            "lease" => Request.WriteLease(packet, 7, 5, 100_000_000),
            "release" => Request.WriteRelease(packet, 7, 5),
            "stop" => Request.WriteStop(packet, 7, 1000),
            "kill" => Request.WriteBare(packet, RequestType.Kill, 7),
            "status" => Request.WriteBare(packet, RequestType.Status, 7),
            _ => Request.WriteBare(packet, RequestType.Quit, 7),
        };
        Assert.Equal(bytes, Convert.ToHexString(packet, 0, length));
    }

    [Theory]
    [MemberData(nameof(Requests))]
    public void ARequestIsReadWholeOrNotAtAll(string name, string bytes)
    {
        var packet = Convert.FromHexString(bytes);
        Assert.True(Request.TryRead(packet, out var request), name);
        Assert.Equal(7U, request.Number);
        for (var length = 0; length < packet.Length; length++)
        {
            Assert.False(Request.TryRead(packet.AsSpan(0, length), out _), name);
        }

        Assert.False(Request.TryRead([.. packet, 1], out _), name);
    }

    [Fact]
    public void FieldsOfARequestAreReadBack()
    {
        var packet = new byte[GuardProtocol.PacketBytesMax];
        Assert.True(Request.TryRead(packet.AsSpan(0, Request.WriteStart(packet, 1, ulong.MaxValue, GuardRole.Primary, ["--a", ""])), out var start));
        Assert.Equal((RequestType.Start, ulong.MaxValue, GuardRole.Primary, 2), (start.Type, start.Epoch, start.Role, start.ArgumentCount));
        Assert.Equal("--a\0\0", Encoding.UTF8.GetString(start.Arguments));
        Assert.True(Request.TryRead(packet.AsSpan(0, Request.WriteAttach(packet, 1, 2, GuardRole.Replica, 3, 4)), out var attach));
        Assert.Equal((2UL, GuardRole.Replica, 3, 4UL), (attach.Epoch, attach.Role, attach.Process, attach.ProcessBegan));
        Assert.True(Request.TryRead(packet.AsSpan(0, Request.WriteLease(packet, 1, 2, 3)), out var lease));
        Assert.Equal((2UL, 3L), (lease.Epoch, lease.DeadlineNs));
        Assert.True(Request.TryRead(packet.AsSpan(0, Request.WriteStop(packet, 1, 5)), out var stop));
        Assert.Equal(5U, stop.GraceMs);
    }

    [Fact]
    public void ValuesOutOfRangeAreNoRequest()
    {
        var packet = new byte[GuardProtocol.PacketBytesMax + 1];
        Assert.False(Request.TryRead(packet.AsSpan(0, Request.WriteLease(packet, 1, 1, 0)), out _));
        Assert.False(Request.TryRead(packet.AsSpan(0, Request.WriteLease(packet, 1, 1, -1)), out _));
        Assert.False(Request.TryRead(packet.AsSpan(0, Request.WriteStop(packet, 1, GuardProtocol.GraceMsMax + 1)), out _));
        Assert.False(Request.TryRead(packet.AsSpan(0, Request.WriteStart(packet, 1, 1, GuardRole.None, [])), out _));
        Assert.False(Request.TryRead(packet.AsSpan(0, Request.WriteAttach(packet, 1, 1, GuardRole.Primary, 0, 1)), out _));
        Assert.False(Request.TryRead(packet.AsSpan(0, Request.WriteStart(packet, 1, 1, GuardRole.Primary, [.. Enumerable.Repeat("", GuardProtocol.ArgumentsMax + 1)])), out _));
        _ = Request.WriteStart(packet, 1, 1, GuardRole.Primary, [new string('x', GuardProtocol.PacketBytesMax - Request.StartBytesMin)]);
        Assert.False(Request.TryRead(packet, out _));
    }

    [Fact]
    public void AStateHasTheBytesThatTheDocumentSays()
    {
        const string bytes = "0181000007000000" + "03" + "02" + "02" + "03" + "01" + "02" + "0000" + "09000000" + "02010000" + "04030000" + "00000000"
            + "0605000000000000" + "0807000000000000" + "0A09000000000000" + "0C0B000000000000" + "0E0D000000000000";
        AssertReply(new Reply { Type = ReplyType.State, Number = 7, State = Full }, bytes);
    }

    [Fact]
    public void AnAcceptanceHasTheBytesThatTheDocumentSays()
        => AssertReply(
            new Reply { Type = ReplyType.Accepted, Number = 7, Request = RequestType.Lease, ServerProcess = 0x0304, Epoch = 5, DeadlineNs = 0x0708 },
            "0182000007000000" + "04" + "000000" + "04030000" + "0500000000000000" + "0807000000000000");

    [Fact]
    public void ARefusalHasTheBytesThatTheDocumentSays()
        => AssertReply(
            new Reply { Type = ReplyType.Refused, Number = 7, Request = RequestType.Start, Refusal = GuardRefusal.NotStarted, Error = 2, Epoch = 5 },
            "0183000007000000" + "02" + "08" + "0000" + "02000000" + "0500000000000000");

    [Fact]
    [Trait("tier", "full")]
    public void NoBytesBreakAGuard()
        => Fuzzer.Run("guard-request", [.. Requests.Select(row => Convert.FromHexString(row.Data.Item2))], input =>
        {
            if (!Request.TryRead(input, out var request))
                return;
            Assert.InRange(request.Type, RequestType.Claim, RequestType.Quit);
            if (request.Type == RequestType.Start)
                Assert.Equal(request.ArgumentCount, Encoding.UTF8.GetString(request.Arguments).Count(character => character == '\0'));
        });

    [Fact]
    [Trait("tier", "full")]
    public void NoBytesBreakANode()
    {
        var packet = new byte[Reply.StateBytes];
        var seeds = new List<byte[]>();
        foreach (var type in (ReplyType[])[ReplyType.State, ReplyType.Accepted, ReplyType.Refused])
            seeds.Add(packet[..new Reply { Type = type, Number = 7, Request = RequestType.Lease, Refusal = GuardRefusal.NoServer, State = Full }.Write(packet)]);
        Fuzzer.Run("guard-reply", seeds, input =>
        {
            var again = new byte[Reply.StateBytes];
            if (!Reply.TryRead(input, out var reply))
                return;
            Assert.True(Reply.TryRead(again.AsSpan(0, reply.Write(again)), out var same));
            Assert.Equal(reply, same);
        });
    }

    private static void AssertReply(in Reply reply, string bytes)
    {
        var packet = new byte[Reply.StateBytes + 1];
        var length = reply.Write(packet);
        Assert.Equal(bytes, Convert.ToHexString(packet, 0, length));
        for (var cut = 0; cut < length; cut++)
            Assert.False(Reply.TryRead(packet.AsSpan(0, cut), out _));
        Assert.True(Reply.TryRead(packet.AsSpan(0, length + 1), out var read));
        Assert.Equal(reply, read);
    }
}
