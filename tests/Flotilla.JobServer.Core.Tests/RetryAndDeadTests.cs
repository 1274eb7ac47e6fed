using Flotilla.Gearman.Protocol;

namespace Flotilla.JobServer.Core.Tests;

/// <summary>Retries with back-off, the dead-letter list, cancellation.</summary>
public sealed class RetryAndDeadTests
{
    private readonly Rig _rig = new();

    [Fact]
    public void RetriesWaitTwiceAsLongEachTimeUpToAMaximum()
    {
        var client = _rig.Connect();
        Assert.Equal("OK\r\n", client.Ask("policy f backoff=500ms backoffmax=1500ms"));
        client.Submit(PacketType.SubmitJobBg, "f", "", "x");
        foreach (var delay in new[] { 500, 1000, 1500, 1500 })
        {
            var worker = _rig.Worker("f");
            Assert.NotNull(worker.Grab());
            worker.Disconnect();
            Assert.Equal(_rig.NowMs + delay, _rig.Machine.NextDeadlineMs);
            _rig.Pass(delay - 1);
            Assert.Null(_rig.Worker("f").Grab());
            _rig.Pass(1);
        }
    }

    [Fact]
    public void FailuresOfBackgroundJobsAreRetriedWhenThePolicySaysSo()
    {
        var client = _rig.Connect();
        client.Ask("policy f attempts=2 onfail=retry dead=keep");
        client.Submit(PacketType.SubmitJobBg, "f", "key", "x");
        client.Submit(PacketType.SubmitJob, "f", "key", "joined");
        var worker = _rig.Worker("f");
        worker.Send(PacketType.WorkFail, worker.GrabHandle());
        Assert.Empty(client.Received());
        worker.Send(PacketType.WorkException, worker.GrabHandle(), "boom");
        Assert.Equal(["WorkFail H:t:1|"], client.Received());
        Assert.Null(worker.Grab());
        Assert.Contains("\"reason\":\"failed\"", client.Ask("show dead f"), StringComparison.Ordinal);
    }

    [Fact]
    public void FailuresOfForegroundJobsAreFinalWhateverThePolicy()
    {
        var client = _rig.Connect();
        client.Ask("policy f attempts=5 onfail=retry dead=keep");
        client.Submit(PacketType.SubmitJob, "f", "", "x");
        var worker = _rig.Worker("f");
        worker.Send(PacketType.WorkFail, worker.GrabHandle());
        Assert.Equal(["WorkFail H:t:1"], client.Received());
        Assert.Equal(".\n", client.Ask("show dead"));
    }

    [Fact]
    public void ADeadJobIsUnknownToClientsAndCanBeRetried()
    {
        var client = _rig.Connect();
        Bury(client, "x");
        Assert.Equal("f\t0\t0\t0\n.\n", client.Ask("status"));
        Assert.Equal("StatusRes H:t:1|0|0|0|0", client.Ask(PacketType.GetStatus, "H:t:1"));
        Assert.Contains("\"attempts\":1", client.Ask("show job H:t:1"), StringComparison.Ordinal);
        Assert.Contains("\"reason\":\"attempts used up\"", client.Ask("show dead f"), StringComparison.Ordinal);
        Assert.Equal("OK\r\n", client.Ask("dead retry H:t:1"));
        Assert.Equal("ERR UNKNOWN_JOB\r\n", client.Ask("dead retry H:t:1"));
        Assert.Equal("H:t:1|f|x", _rig.Worker("f").Grab());
    }

    [Fact]
    public void DeadJobsAreDroppedOneByOneOrAllAtOnce()
    {
        var client = _rig.Connect();
        Bury(client, "1", "2", "3");
        Assert.Equal("OK\r\n", client.Ask("dead drop H:t:2"));
        Assert.Equal(2, _rig.Machine.Snapshot().Functions[0].Dead);
        Assert.Equal("OK\r\n", client.Ask("dead drop all f"));
        Assert.Equal(".\n", client.Ask("show dead"));
        Assert.Equal("ERR UNKNOWN_FUNCTION No+such+function\r\n", client.Ask("dead drop all g"));
        Bury(client, "4", "5");
        Assert.Equal("OK\r\n", client.Ask("dead retry all f"));
        Assert.Equal("f\t2\t0\t0\n.\n", client.Ask("status"));
    }

    [Fact]
    public void TheDeadLetterListHasALimit()
    {
        var rig = new Rig(options => options with { DeadJobsPerFunctionMax = 2, DefaultPolicy = new RetryPolicy { Attempts = 1, KeepsDead = true } });
        var client = rig.Connect();
        for (var i = 1; i <= 3; i++)
        {
            client.Submit(PacketType.SubmitJobBg, "f", "", $"{i}");
            var worker = rig.Worker("f");
            Assert.NotNull(worker.Grab());
            worker.Disconnect();
        }

        Assert.DoesNotContain("H:t:1\"", client.Ask("show dead"), StringComparison.Ordinal);
        Assert.Equal(2, rig.Machine.Snapshot().Functions[0].Dead);
    }

    [Fact]
    public void ADeadJobsKeyIsFreeAndItsReturnTakesNobodysPlace()
    {
        var client = _rig.Connect();
        client.Ask("policy f attempts=1 dead=keep");
        client.Submit(PacketType.SubmitJobBg, "f", "key", "dead");
        var worker = _rig.Worker("f");
        Assert.NotNull(worker.Grab());
        worker.Disconnect();
        Assert.Equal("H:t:2", client.Submit(PacketType.SubmitJobBg, "f", "key", "alive"));
        Assert.Equal("OK\r\n", client.Ask("dead retry H:t:1"));
        Assert.Equal("H:t:2", client.Submit(PacketType.SubmitJobBg, "f", "key", "joins"));
        var next = _rig.Worker("f");
        Assert.Equal("H:t:2|f|alive", next.Grab());
        Assert.Equal("H:t:1|f|dead", next.Grab());
    }

    [Fact]
    public void AWorkerThatAskedIsToldThatItsJobIsCancelled()
    {
        var client = _rig.Connect();
        var worker = _rig.Worker("f");
        Assert.Equal("OptionRes cancellations", worker.Ask(PacketType.OptionReq, "cancellations"));
        client.Submit(PacketType.SubmitJob, "f", "", "x");
        var handle = worker.GrabHandle();
        client.Ask($"cancel job {handle}");
        Assert.Equal([$"WorkFail {handle}"], worker.Received());
        worker.Send(PacketType.WorkFail, handle);
        Assert.Empty(worker.Received());
    }

    [Fact]
    public void AWorkerThatDiesWithACancelledJobLeavesNothing()
    {
        var client = _rig.Connect();
        client.Submit(PacketType.SubmitJobBg, "f", "", "x");
        var worker = _rig.Worker("f");
        client.Ask($"cancel job {worker.GrabHandle()}");
        Assert.Equal(0, _rig.Machine.RunningJobs);
        worker.Disconnect();
        Assert.Equal(0, _rig.Machine.Snapshot().Jobs);
        Assert.Equal(0, _rig.Machine.MemoryBytes);
    }

    [Fact]
    public void ADelayedJobCanBeCancelled()
    {
        var client = _rig.Connect();
        client.Ask(PacketType.SubmitJobEpoch, "f", "", "1700000100", "x");
        Assert.Equal("OK\r\n", client.Ask("cancel job H:t:1"));
        Assert.Equal(long.MaxValue, _rig.Machine.NextDeadlineMs);
    }

    private void Bury(Peer client, params string[] payloads)
    {
        client.Ask("policy f attempts=1 dead=keep");
        foreach (var payload in payloads)
        {
            client.Submit(PacketType.SubmitJobBg, "f", "", payload);
            var worker = _rig.Worker("f");
            Assert.NotNull(worker.Grab());
            worker.Disconnect();
        }
    }
}
