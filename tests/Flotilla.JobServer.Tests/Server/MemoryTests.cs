using Flotilla.Gearman.Protocol;
using Flotilla.Sockets;
using Flotilla.TestSupport;

namespace Flotilla.JobServer.Tests.Server;

/// <summary>Memory stays flat whatever peers promise or send. They run alone: memory is the process's.</summary>
[Collection(Alone)]
[CollectionDefinition(Alone, DisableParallelization = true)]
public sealed class MemoryTests
{
    public const string Alone = "alone";
    private const int Megabyte = 1024 * 1024;
    private const uint Request = (uint)PacketMagic.Request;

    [Theory]
    [InlineData(SocketLoopKind.Epoll)]
    [InlineData(SocketLoopKind.Portable)]
    public async Task AHeaderThatPromisesFourGigabytesIsRefusedBeforeAnythingIsReserved(SocketLoopKind kind)
    {
        await using var server = await TestServer.StartAsync(new JobServerOptions { Sockets = kind });
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var peers = Enumerable.Range(0, 20).Select(_ => server.Connect().SendBytes(RawPeer.Header(Request, 7, uint.MaxValue))).ToList();
        foreach (var peer in peers)
        {
            Assert.Equal("ARGUMENT_TOO_LARGE", peer.Read(PacketType.Error)[0]);
            Assert.True(peer.IsEnded());
            peer.Dispose();
        }

        Assert.Equal(20, server.Log.Warnings.Count);
        Assert.True(GC.GetTotalMemory(forceFullCollection: true) - before < 4 * Megabyte);
    }

    [Fact]
    public async Task APromiseWithinTheLimitReservesNothingUntilBytesCome()
    {
        await using var server = await TestServer.StartAsync();
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var peers = Enumerable.Range(0, 200).Select(_ => server.Connect().SendBytes(RawPeer.Header(Request, 7, 60 * Megabyte))).ToList();
        await Deadline.UntilAsync(() => server.Host.Snapshot().Connections == 200, "all are connected");
        using var other = server.Connect().CanDo("other");
        Assert.True(GC.GetTotalMemory(forceFullCollection: true) - before < 16 * Megabyte);
        peers.ForEach(peer => peer.Dispose());
    }

    [Fact]
    public async Task AStoreThatStandsStillGetsItsBacklogInPieces()
    {
        var store = new SlowStore(new FailingStore());
        await using var server = await TestServer.StartAsync(new JobServerOptions { Store = store });
        using var client = server.Connect();
        var data = new byte[20 * Megabyte];
        var head = RawPeer.Header(Request, (uint)PacketType.SubmitJobBg, (uint)data.Length + 3);
        const int Jobs = 8;
        for (var i = 0; i < Jobs; i++)
            client.SendBytes(head).SendBytes("f\0\0"u8).SendBytes(data);
        await Deadline.UntilAsync(() => server.Host.Snapshot().Jobs == Jobs, "all are with the store");
        store.GoOn();
        for (var i = 0; i < Jobs; i++)
            client.Read(PacketType.JobCreated);
        Assert.InRange(store.LargestBatchBytes, 40 * Megabyte, 64 * Megabyte);
    }

    [Fact]
    [Trait("tier", "full")]
    public async Task ClientsThatSendAndNeverReadAreNotReadFromEither()
    {
        await using var server = await TestServer.StartAsync();
        using var other = server.Connect().CanDo("sink");
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var block = RawPeer.Packet(PacketType.EchoReq, new string('x', Megabyte));
        var peers = Enumerable.Range(0, 20).Select(_ => server.Connect()).ToList();
        foreach (var peer in peers)
        {
            // Far more than the system's buffers on both sides take.
            peer.Stream.WriteTimeout = 100;
            var sent = 0;
            Assert.Throws<IOException>(() =>
            {
                for (; sent < 1024; sent++)
                    peer.SendBytes(block);
            });
            other.Send(PacketType.EchoReq, "still here").Read(PacketType.EchoRes);
        }

        Assert.True(GC.GetTotalMemory(forceFullCollection: true) - before < 100L * Megabyte);
        Assert.Equal(21, server.Host.Snapshot().Connections);
        peers.ForEach(peer => peer.Dispose());
    }

    [Theory]
    [InlineData(60, 15, 1100)]
    [InlineData(1, 4096, 1100)]
    [Trait("tier", "full")]
    public async Task AClientThatSendsGigabytesLeavesMemoryFlat(int megabytesPerPacket, int packets, int megabytesMax)
    {
        await using var server = await TestServer.StartAsync();
        using var other = server.Connect().CanDo("sink");
        using var peer = server.Connect();
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var block = new byte[PacketHeader.SizeBytes + (megabytesPerPacket * Megabyte)];
        RawPeer.Header(Request, (uint)PacketType.EchoReq, (uint)(megabytesPerPacket * Megabyte)).CopyTo(block, 0);
        var draining = Task.Run(() =>
        {
            var buffer = new byte[Megabyte];
            for (var left = (long)packets * block.Length; left > 0;)
                left -= peer.Stream.Read(buffer);
        });
        var peak = 0L;
        for (var i = 0; i < packets; i++)
        {
            peer.SendBytes(block);
            peak = Math.Max(peak, GC.GetTotalMemory(forceFullCollection: false));
            if (i % 100 == 0)
                other.Send(PacketType.EchoReq, "still here").Read(PacketType.EchoRes);
        }

        await draining.WaitAsync(Deadline.Default);
        Assert.True(peak - before < (long)megabytesMax * Megabyte, $"{(peak - before) / Megabyte} MB more at the peak");
        await Deadline.UntilAsync(() => GC.GetTotalMemory(forceFullCollection: true) - before < 256L * Megabyte, "memory comes back");
    }
}
