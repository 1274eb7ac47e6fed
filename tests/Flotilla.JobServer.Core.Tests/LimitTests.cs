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

    [Fact]
    public void ManySchedulesDueAtOnceFireInSlices()
    {
        var rig = new Rig();
        var client = rig.Connect();
        const int Schedules = 3000;
        for (var i = 0; i < Schedules; i++)
            client.Send(PacketType.SubmitJobSched, "f", "", "*", "*", "*", "*", "*", "x");
        var due = rig.Machine.NextDeadlineMs;
        rig.Step(JobServerInput.Tick(due));
        var first = rig.Machine.Snapshot().Counters.SchedulesFired;
        Assert.InRange(first, 1, Schedules / 2);
        Assert.True(rig.Machine.NextDeadlineMs <= due);
        for (var i = 0; i < 3; i++)
            rig.Step(JobServerInput.Tick(due));
        Assert.Equal(Schedules, rig.Machine.Snapshot().Counters.SchedulesFired);
        Assert.True(rig.Machine.NextDeadlineMs > due);
    }

    [Fact]
    public void AListingGivenUpLeavesNoTurnBehindAndALaterOneGoesOn()
    {
        var rig = new Rig();
        for (var i = 0; i < 5000; i++)
            rig.Machine.Step(JobServerInput.Connected(rig.NowMs, new ConnectionId(i + 10), new ConnectionInfo("127.0.0.1", i)), rig.Effects);
        var leaver = rig.Connect();
        leaver.Say("workers");
        leaver.Disconnect();
        var reader = rig.Connect();
        reader.Say("workers");
        rig.Pass(1000);
        Assert.Equal(5002, reader.Text().Count(c => c == '\n'));
        Assert.Equal(long.MaxValue, rig.Machine.NextDeadlineMs);
        reader.Say("workers");
        rig.Pass(1000);
        Assert.Equal(5002, reader.Text().Count(c => c == '\n'));
    }

    [Fact]
    public void FunctionsMadeAndDroppedOverAndOverTakeNoMoreRoom()
    {
        var rig = new Rig();
        var peer = rig.Connect();
        for (var i = 0; i < 1000; i++)
        {
            Assert.Equal("OK\r\n", peer.Ask($"create function f{i}"));
            Assert.Equal("OK\r\n", peer.Ask($"drop function f{i}"));
        }

        Assert.Equal(1, rig.Machine.State.Functions.End);
    }

    [Fact]
    public void AFunctionAtTheNumberOfADroppedOneInheritsNothingAndIsNotRemovedWithIt()
    {
        var rig = new Rig(options => options with { IsDurable = true });
        var peer = rig.Connect();
        for (var i = 0; i < 5000; i++)
            rig.Machine.Step(JobServerInput.Packet(rig.NowMs, new ConnectionId(peer.Slot), PacketMagic.Request, PacketType.SubmitJobBg, "large\0\0x"u8), rig.Effects);
        rig.Commit();
        peer.Send(PacketType.SubmitJobBg, "small", "", "x");
        peer.Bytes();

        // small waits behind large to be taken apart, and loses its last job to the store's answer first
        peer.Say("drop function large");
        peer.Say("drop function small");
        rig.Commit();
        peer.Send(PacketType.SubmitJobBg, "heir", "", "x");
        rig.Commit();
        rig.Pass(10);
        var worker = rig.Worker("heir");
        Assert.EndsWith("|heir|x", worker.Grab(), StringComparison.Ordinal);
        Assert.Equal("OK\r\n", peer.Ask("create function other")[^4..]);
        Assert.Equal(2, rig.Machine.State.Functions.End);
    }

    [Fact]
    public void AStatusByUniqueAsksManyFunctionsInSlicesAndStillFindsTheYoungestJob()
    {
        var rig = new Rig();
        var client = rig.Connect();
        for (var i = 0; i < 5000; i++)
        {
            var body = System.Text.Encoding.Latin1.GetBytes($"f{i}\0{(i is 100 or 4500 ? "key" : "other")}\0x");
            rig.Machine.Step(JobServerInput.Packet(rig.NowMs, new ConnectionId(client.Slot), PacketMagic.Request, PacketType.SubmitJobBg, body), rig.Effects);
        }

        client.Bytes();
        client.Send(PacketType.GetStatusUnique, "key");
        client.Send(PacketType.EchoReq, "behind");
        Assert.Empty(client.Received());
        rig.Pass(10);
        Assert.Equal(["StatusResUnique key|1|0|0|0|0", "EchoRes behind"], client.Received());
        var worker = rig.Worker("f4500");
        worker.GrabHandle();
        client.Send(PacketType.GetStatusUnique, "key");
        rig.Pass(10);
        Assert.Equal("StatusResUnique key|1|1|0|0|0", Assert.Single(client.Received()));
    }

    [Fact]
    public void AFunctionWithoutJobsIsNotAskedForUniquesAgainUntilItHasOne()
    {
        var rig = new Rig();
        var client = rig.Connect();
        var worker = rig.Worker("f");
        client.Submit(PacketType.SubmitJobBg, "f", "key", "x");
        worker.Send(PacketType.WorkFail, worker.GrabHandle());
        Assert.Equal("StatusResUnique key|0|0|0|0|0", client.Ask(PacketType.GetStatusUnique, "key"));
        Assert.False(rig.Machine.State.Functions[0].MayHaveUniques);
        client.Submit(PacketType.SubmitJobBg, "f", "key", "x");
        Assert.Equal("StatusResUnique key|1|0|0|0|0", client.Ask(PacketType.GetStatusUnique, "key"));
    }
}
