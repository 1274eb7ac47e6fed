using System.Text;
using Flotilla.Gearman.Protocol;

namespace Flotilla.JobServer.Core.Tests;

/// <summary>Packets that nobody should send, large payloads, reduce jobs, limits.</summary>
public sealed class PacketTests
{
    private readonly Rig _rig = new();

    [Fact]
    public void AResponseIsNotExpected()
    {
        var peer = _rig.Connect();
        peer.SendBytes(PacketType.EchoReq, "hi"u8.ToArray(), PacketMagic.Response);
        Assert.Equal(["Error INVALID_MAGIC|Request magic expected"], peer.Received());
    }

    [Fact]
    public void PacketsOfServersAreNotExpected()
    {
        var peer = _rig.Connect();
        foreach (var type in new uint[] { 5, 6, 8, 10, 11, 17, 19, 20, 24, 27, 31, 40, 42 })
            Assert.Equal("Error INVALID_COMMAND|Command not expected", peer.Ask((PacketType)type, "x"));
        Assert.Equal("EchoRes still here", peer.Ask(PacketType.EchoReq, "still here"));
    }

    [Theory]
    [InlineData(0U)]
    [InlineData(43U)]
    [InlineData(uint.MaxValue)]
    public void UnknownTypesEndTheConnection(uint type)
    {
        var peer = _rig.Connect();
        peer.Send((PacketType)type, "x");
        Assert.Equal((peer.Slot, CloseReason.ProtocolError), Assert.Single(_rig.Effects.Closed));
    }

    [Fact]
    public void EveryPacketWithMissingArgumentsIsAnsweredOrEndsItsConnection()
    {
        for (uint type = 1; type <= 42; type++)
        {
            foreach (var body in new[] { "", "f", "f\0", "f\0u", "f\0u\0", "\0\0\0", "H:t:1", "H:t:1\0" })
            {
                var rig = new Rig();
                var peer = rig.Connect();
                peer.SendBytes((PacketType)type, Encoding.Latin1.GetBytes(body));
                Assert.InRange(rig.Effects.Closed.Count, 0, 1);
                rig.Connect().Ask(PacketType.EchoReq, "others are served");
            }
        }
    }

    [Fact]
    public void ReduceJobsTellTheirReducerToThoseWhoGrabAll()
    {
        var client = _rig.Connect();
        var worker = _rig.Worker("f");
        foreach (var unique in new[] { "1", "2", "3" })
            Assert.StartsWith("JobCreated", client.Ask(PacketType.SubmitReduceJob, "f", unique, "red", "agg", "a\0b"), StringComparison.Ordinal);
        client.Submit(PacketType.SubmitJob, "f", "4", "plain");
        client.Ask(PacketType.SubmitReduceJob, "f", "5", "", "", "none");
        Assert.Equal("JobAssignAll H:t:1|f|1|red|a|b", worker.Ask(PacketType.GrabJobAll));
        Assert.Equal("JobAssignUniq H:t:2|f|2|a|b", worker.Ask(PacketType.GrabJobUniq));
        Assert.Equal("JobAssign H:t:3|f|a|b", worker.Ask(PacketType.GrabJob));
        Assert.Equal("JobAssignUniq H:t:4|f|4|plain", worker.Ask(PacketType.GrabJobAll));
        Assert.Equal("JobAssignUniq H:t:5|f|5|none", worker.Ask(PacketType.GrabJobAll));
    }

    [Fact]
    public void TheDocumentedFormOfAReduceJobIsTakenToo()
    {
        Assert.Equal("JobCreated H:t:1", _rig.Connect().Ask(PacketType.SubmitReduceJob, "f", "u", "red", "data"));
        Assert.Equal("JobAssignAll H:t:1|f|u|red|data", _rig.Worker("f").Ask(PacketType.GrabJobAll));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(15)]
    [InlineData(16)]
    [InlineData(1023)]
    [InlineData(1025)]
    [InlineData(16_383)]
    [InlineData(16_384)]
    [InlineData(1_000_000)]
    public void PayloadsOfAllSizesComeThroughWhole(int size)
    {
        var data = string.Create(size, size, (span, _) =>
        {
            for (var i = 0; i < span.Length; i++)
                span[i] = (char)('a' + (i % 26));
        });
        var (a, b) = (_rig.Connect(), _rig.Connect());
        var worker = _rig.Worker("f");
        for (var round = 0; round < 3; round++)
        {
            var handle = a.Submit(PacketType.SubmitJob, "f", "key", data);
            Assert.Equal(handle, b.Submit(PacketType.SubmitJob, "f", "key", "y"));
            Assert.Equal($"JobAssignUniq {handle}|f|key|{data}", worker.Ask(PacketType.GrabJobUniq));
            worker.Send(PacketType.WorkComplete, handle, data);
            Assert.Equal([$"WorkComplete {handle}|{data}"], a.Received());
            Assert.Equal([$"WorkComplete {handle}|{data}"], b.Received());
        }

        Assert.Equal(0, _rig.Machine.MemoryBytes);
    }

    [Fact]
    public void JobMemoryHasALimitAndIsGivenBack()
    {
        var rig = new Rig(options => options with { JobMemoryBytesMax = 100_000 });
        var client = rig.Connect();
        var accepted = 0;
        while (client.Ask(PacketType.SubmitJob, "f", "", new string('x', 1000)).StartsWith("JobCreated", StringComparison.Ordinal))
            accepted++;
        Assert.InRange(accepted, 80, 100);
        Assert.Equal("Error QUEUE_ERROR|Job memory is full", client.Ask(PacketType.SubmitJob, "f", "", new string('x', 1000)));
        var worker = rig.Worker("f");
        worker.Send(PacketType.WorkComplete, worker.GrabHandle(), "");
        client.Received();
        Assert.StartsWith("JobCreated", client.Ask(PacketType.SubmitJob, "f", "", "small"), StringComparison.Ordinal);
    }

    [Fact]
    public void JobsInAllHaveALimit()
    {
        var rig = new Rig(options => options with { JobsMax = 2 });
        var client = rig.Connect();
        client.Submit(PacketType.SubmitJob, "f", "", "x");
        client.Submit(PacketType.SubmitJob, "g", "", "x");
        Assert.Equal("Error QUEUE_ERROR|Job queue is full", client.Ask(PacketType.SubmitJob, "h", "", "x"));
    }

    [Fact]
    public void FunctionsHaveALimit()
    {
        var rig = new Rig(options => options with { FunctionsMax = 2 });
        var peer = rig.Worker("a", "b");
        Assert.Equal("Error QUEUE_ERROR|Too many functions", peer.Ask(PacketType.CanDo, "c"));
        Assert.Equal("Error QUEUE_ERROR|Too many functions", peer.Ask(PacketType.SubmitJob, "c", "", "x"));
        Assert.Equal("Error ARGUMENT_TOO_LARGE|Function name too large", peer.Ask(PacketType.SubmitJob, new string('f', 513), "", "x"));
    }

    [Fact]
    public void ProgressIsRememberedAsGearmandDoes()
    {
        var client = _rig.Connect();
        client.Submit(PacketType.SubmitJob, "f", "", "x");
        var worker = _rig.Worker("f");
        var handle = worker.GrabHandle();
        foreach (var (numerator, shown) in new[] { ("3", "3"), ("-1", "4294967295"), ("abc", "0"), ("12.5", "12") })
        {
            worker.Send(PacketType.WorkStatus, handle, numerator, "7");
            Assert.Equal([$"WorkStatus {handle}|{numerator}|7"], client.Received());
            Assert.Equal($"StatusRes {handle}|1|1|{shown}|7", client.Ask(PacketType.GetStatus, handle));
        }
    }

    [Fact]
    public void OptionsAreCheckedAllAtOnce()
    {
        var options = new JobMachineOptions { HandlePrefix = new string('H', 43), WorkersWokenPerJob = 0, SecretHash = new byte[5] };
        Assert.Equal(3, options.Validate().Count);
        Assert.Throws<ArgumentException>(() => new JobMachine(options));
        Assert.Equal("H:a-host-of-some-length", JobMachineOptions.HandlePrefixFor("a-host-of-some-length"));
        Assert.Equal(42, JobMachineOptions.HandlePrefixFor(new string('h', 100)).Length);
    }
}
