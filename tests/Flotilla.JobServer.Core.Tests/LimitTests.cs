using Flotilla.Gearman.Protocol;

namespace Flotilla.JobServer.Core.Tests;

/// <summary>What one peer can make the server hold or do, at most.</summary>
public sealed class LimitTests
{
    [Fact]
    public void APeerThatAsksForListingsAndNeverReadsIsClosed()
    {
        var rig = new Rig();
        for (var i = 0; i < 5000; i++)
            rig.Machine.Step(JobServerInput.Connected(rig.NowMs, new ConnectionId(i + 10), new ConnectionInfo("127.0.0.1", i)), rig.Effects);
        var peer = rig.Connect();
        for (var i = 0; i < 2 * HeldReplies.ListingsMax; i++)
            rig.Machine.Step(JobServerInput.Line(rig.NowMs, new ConnectionId(peer.Slot), "workers"u8), rig.Effects);
        Assert.Equal([(peer.Slot, CloseReason.SlowReader)], rig.Effects.Closed);
        Assert.Null(rig.Machine.State.Connections[peer.Slot].Held);
        rig.Disconnect(peer);
    }

    [Fact]
    public void RepliesThatWaitForAStoreThatStandsStillCountAgainstTheLimitOfTheConnection()
    {
        var rig = new Rig(options => options with { IsDurable = true, OutputBytesMax = 64_000 });
        var greedy = rig.Connect();
        var modest = rig.Connect();
        modest.Send(PacketType.SubmitJobBg, "f", "same", "x");
        for (var i = 0; i < 2000; i++)
            greedy.Send(PacketType.SubmitJobBg, "f", "same", "x");
        Assert.Equal([(greedy.Slot, CloseReason.SlowReader)], rig.Effects.Closed);
        rig.Commit();
        Assert.Equal("JobCreated H:t:1", Assert.Single(modest.Received()));
        Assert.Empty(greedy.Received());
    }
}
