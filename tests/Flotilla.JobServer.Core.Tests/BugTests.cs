using Flotilla.Gearman.Protocol;

namespace Flotilla.JobServer.Core.Tests;

/// <summary>Defects of other servers, by the numbers of docs/protocols/gearman.md, that must not exist here: those that a machine can have.</summary>
public sealed class BugTests
{
    private readonly Rig _rig = new();

    [Fact]
    public void BugB1ABackgroundJobOutlivesACoalescedForegroundClient() => BackgroundJobOutlivesItsForegroundClient(_rig);

    [Fact]
    public void BugB2ATimeoutEndsWithItsJob()
    {
        var client = _rig.Connect();
        var worker = _rig.Connect();
        worker.Send(PacketType.CanDoTimeout, "f", "1000");
        client.Submit(PacketType.SubmitJobBg, "f", "", "x");
        worker.Send(PacketType.WorkComplete, worker.GrabHandle(), "r");
        Assert.Equal(long.MaxValue, _rig.Machine.NextDeadlineMs);
        _rig.Pass(5000);
        Assert.Equal("f\t0\t0\t1\n.\n", client.Ask("status"));
        Assert.Null(worker.Grab());
    }

    [Fact]
    public void BugB3AReusedConnectionIsTimedByTheJobAtHand()
    {
        var client = _rig.Connect();
        var worker = _rig.Connect();
        worker.Send(PacketType.CanDoTimeout, "f", "1000");
        worker.CanDo("g");
        client.Submit(PacketType.SubmitJobBg, "f", "", "x");
        worker.Send(PacketType.WorkComplete, worker.GrabHandle(), "r");
        client.Submit(PacketType.SubmitJobBg, "g", "", "unhurried");
        var handle = worker.GrabHandle();
        _rig.Pass(60_000);
        Assert.Equal($"StatusRes {handle}|1|1|0|0", client.Ask(PacketType.GetStatus, handle));
    }

    [Fact]
    public void BugB4AnEmptyPayloadSurvivesARestart()
    {
        var job = Assert.Single(Restarted(durable => durable.Send(PacketType.SubmitJobBg, "f", "u", "")));
        Assert.Equal("H:t:1|f|", job);
    }

    [Fact]
    public void BugB5JobsWithoutAKeyStaySeparateInTheStore()
    {
        var jobs = Restarted(durable =>
        {
            durable.Send(PacketType.SubmitJobBg, "f", "", "1");
            durable.Send(PacketType.SubmitJobBg, "f", "", "2");
            durable.Send(PacketType.SubmitJobBg, "f", "-", "3");
            durable.Send(PacketType.SubmitJobBg, "f", "-", "4");
        });
        Assert.Equal(["H:t:1|f|1", "H:t:2|f|2", "H:t:3|f|3", "H:t:4|f|4"], jobs);
    }

    [Fact]
    public void BugB6AReducerSurvivesARestart()
    {
        var rig = new Rig(options => options with { IsDurable = true });
        rig.Connect().Send(PacketType.SubmitReduceJobBackground, "f", "u", "red", "", "x");
        var restarted = new Rig();
        rig.Effects.Stored.ForEach(restarted.Replay);
        Assert.Equal("JobAssignAll H:t:1|f|u|red|x", restarted.Worker("f").Ask(PacketType.GrabJobAll));
    }

    [Fact]
    public void BugB9DroppingAFunctionTakesItsJobsWithIt()
    {
        var rig = new Rig(options => options with { IsDurable = true });
        var (client, waiting) = (rig.Connect(), rig.Connect());
        client.Send(PacketType.SubmitJobBg, "f", "u", "x");
        client.Send(PacketType.SubmitJobEpoch, "f", "later", "99999999999", "x");
        rig.Commit();
        Assert.Equal(2, client.Received().Count);
        waiting.Submit(PacketType.SubmitJob, "f", "", "x");
        Assert.Equal("OK\r\n", client.Ask("drop function f"));
        Assert.Equal(["WorkFail H:t:3"], waiting.Received());
        Assert.Equal(".\n", client.Ask("status"));
        Assert.Equal("StatusRes H:t:1|0|0|0|0", client.Ask(PacketType.GetStatus, "H:t:1"));
        Assert.Equal(0, rig.Machine.Snapshot().Jobs);
        Assert.Equal(2, rig.Effects.Stored.Count(record => record.Kind == StoredRecordKind.JobRemoved));
        Assert.Null(rig.Worker("f").Grab());
    }

    [Fact]
    public void BugB9AFunctionInUseIsNotDropped()
    {
        var worker = _rig.Worker("f");
        Assert.Equal("ERR there are still connected workers or executing clients\r\n", worker.Ask("drop function f"));
        Assert.Equal("ERR function not found\r\n", worker.Ask("drop function g"));
    }

    [Fact]
    public void BugB9AMillionDroppedJobsHoldNobodyUp()
    {
        var client = _rig.Connect();
        for (var i = 0; i < 10_000; i++)
            client.Send(PacketType.SubmitJobBg, "f", "", "x");
        client.Received();
        Assert.Equal("OK\r\n", client.Ask("drop function f"));
        Assert.InRange(_rig.Machine.Snapshot().Jobs, 1, 9_000);
        Assert.Equal("StatusRes H:t:10000|0|0|0|0", client.Ask(PacketType.GetStatus, "H:t:10000"));
        client.Submit(PacketType.SubmitJobBg, "f", "", "a new function of that name");
        _rig.Pass(1);
        Assert.Equal(1, _rig.Machine.Snapshot().Jobs);
        Assert.Equal("f\t1\t0\t0\n.\n", client.Ask("status"));
    }

    [Fact]
    public void BugB10KeysAndHandlesOf64BytesWork()
    {
        new QuirkTests().Quirk03AUniqueOf64BytesIsKeptWhole();
        new QuirkTests().Quirk17EveryStatusQuestionIsAnswered();
    }

    [Fact]
    public void BugB11OneJobWakesOneWorkerOfTwoHundredInTurn()
    {
        var client = _rig.Connect();
        var workers = Enumerable.Range(0, 200).Select(_ => _rig.SleepingWorker("f")).ToList();
        for (var i = 0; i < 400; i++)
        {
            client.Submit(PacketType.SubmitJobBg, "f", "", "x");
            var woken = Assert.Single(workers, worker => worker.Bytes().Length > 0);
            Assert.Same(workers[i % 200], woken);
            woken.Send(PacketType.WorkComplete, woken.GrabHandle(), "");
            woken.Send(PacketType.PreSleep);
        }
    }

    [Fact]
    public void BugB13DelayedJobsCostAGrabNothing()
    {
        var client = _rig.Connect();
        for (var i = 0; i < 3_000; i++)
            client.Send(PacketType.SubmitJobEpoch, "f", $"{i}", "99999999999", "later");
        client.Received();
        client.Submit(PacketType.SubmitJobBg, "f", "", "now");
        var function = _rig.Machine.State.Functions.Find("f"u8)!;
        Assert.Equal(1, function.Queued);
        Assert.Equal(3_000, function.Delayed);
        Assert.Equal("H:t:3001|f|now", _rig.Worker("f").Grab());
    }

    [Fact]
    public void BugB14AListingOfManyJobsIsWrittenInSlices()
    {
        var client = _rig.Connect();
        for (var i = 0; i < 10_000; i++)
            client.Send(PacketType.SubmitJobBg, "f", "", "x");
        client.Received();
        client.Say("show jobs");
        client.Say("version");
        var other = _rig.Connect();
        var first = client.Text();
        Assert.InRange(first.Count(c => c == '\n'), 1, 2_500);
        Assert.Equal("OK 9.9\n", other.Ask("version"));
        _rig.Pass(100);
        var lines = (first + client.Text()).Split('\n');
        Assert.Equal("H:t:1\t0\t0\t1", lines[0]);
        Assert.Equal([".", "OK 9.9", ""], lines[^3..]);
        Assert.Equal(10_003, lines.Length);
    }

    [Fact]
    public void BugB15AListingWaitsForASlowReader()
    {
        var client = _rig.Connect();
        for (var i = 0; i < 30_000; i++)
            client.Send(PacketType.SubmitJobBg, "f", "", "x");
        client.Received();
        client.Say("show jobs");
        _rig.Pass(10_000);
        Assert.InRange(_rig.Effects.Output(new ConnectionId(client.Slot)).LengthBytes, 256 * 1024, 512 * 1024);
        var text = client.Text();
        while (!text.EndsWith(".\n", StringComparison.Ordinal))
        {
            _rig.Pass(100);
            text += client.Text();
        }

        Assert.Equal(30_001, text.Count(c => c == '\n'));
    }

    [Fact]
    public void BugB15AClientThatDoesNotReadIsClosed()
    {
        var rig = new Rig(options => options with { OutputBytesMax = 10_000 });
        var client = rig.Connect();
        while (rig.Effects.Closed.Count == 0)
            client.Send(PacketType.EchoReq, new string('x', 1000));
        Assert.Equal((client.Slot, CloseReason.SlowReader), Assert.Single(rig.Effects.Closed));
        var length = rig.Effects.Output(new ConnectionId(client.Slot)).LengthBytes;
        client.Send(PacketType.EchoReq, "x");
        client.Say("version");
        Assert.Equal(length, rig.Effects.Output(new ConnectionId(client.Slot)).LengthBytes);
        Assert.InRange(length, 10_000, 12_000);
    }

    [Theory]
    [InlineData(PacketType.SubmitReduceJob)]
    [InlineData(PacketType.SubmitReduceJobBackground)]
    public void BugB16AReduceJobsKeyIsMeasuredToo(PacketType type)
    {
        var client = _rig.Connect();
        Assert.Equal("Error ARGUMENT_TOO_LARGE|Unique value too large", client.Ask(type, "f", new string('u', 65), "red", "", "x"));
        Assert.Equal("Error ARGUMENT_TOO_LARGE|Function name too large", client.Ask(type, "f", "u", new string('r', 513), "", "x"));
        Assert.Equal("JobCreated H:t:1", client.Ask(type, "f", new string('u', 64), new string('r', 512), "", "x"));
    }

    [Fact]
    public void BugB18NamesThatWouldBreakListsAreEscaped()
    {
        var worker = _rig.Connect();
        worker.Send(PacketType.SetClientId, "two\nlines");
        worker.CanDo("a\tb\nc d");
        Assert.Equal("a\\x09b\\x0ac d\t0\t0\t1\n.\n", worker.Ask("status"));
        Assert.Equal("30 127.0.0.1 two\\x0alines : a\\x09b\\x0ac\\x20d\n.\n", worker.Ask("workers"));
        worker.Send(PacketType.ResetAbilities);
        Assert.Equal("OK\r\n", worker.Ask("drop function a\\x09b\\x0ac\\x20d"));
        Assert.Equal(".\n", worker.Ask("status"));
    }

    internal static void BackgroundJobOutlivesItsForegroundClient(Rig rig)
    {
        var (background, foreground) = (rig.Connect(), rig.Connect());
        background.Submit(PacketType.SubmitJobBg, "f", "key", "x");
        foreground.Submit(PacketType.SubmitJob, "f", "key", "x");
        foreground.Disconnect();
        Assert.Equal("f\t1\t0\t0\n.\n", background.Ask("status"));
        Assert.Equal("H:t:1|f|x", rig.Worker("f").Grab());
    }

    /// <summary>Submits to a durable machine, replays its records into a new one, and grabs everything there.</summary>
    private static List<string> Restarted(Action<Peer> submit)
    {
        var rig = new Rig(options => options with { IsDurable = true });
        submit(rig.Connect());
        var restarted = new Rig();
        rig.Effects.Stored.ForEach(restarted.Replay);
        var worker = restarted.Worker("f");
        var jobs = new List<string>();
        while (worker.Grab() is { } job)
            jobs.Add(job);
        return jobs;
    }
}
