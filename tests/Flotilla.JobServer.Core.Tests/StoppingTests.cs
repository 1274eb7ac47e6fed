using Flotilla.Gearman.Protocol;

namespace Flotilla.JobServer.Core.Tests;

/// <summary>A stop that was asked for takes nothing from the jobs it interrupts.</summary>
public sealed class StoppingTests
{
    private readonly Rig _rig = new(options => options with { IsDurable = true, DefaultPolicy = new RetryPolicy { Attempts = 1 } });

    [Fact]
    public void AJobLostByTheStopKeepsItsAttemptsAndItsRecord()
    {
        var handle = SubmitStored();
        var worker = _rig.Worker("f");
        Assert.Equal(handle, worker.GrabHandle());
        var stored = _rig.Effects.Stored.Count;
        _rig.Step(JobServerInput.Stopping(_rig.NowMs));
        worker.Disconnect();
        Assert.Equal(stored, _rig.Effects.Stored.Count);
        Assert.Equal(0, _rig.Machine.RunningJobs);
        Assert.DoesNotContain(
            _rig.Effects.Events,
            happened => happened.Kind is JobServerEventKind.JobFailed or JobServerEventKind.JobRetried or JobServerEventKind.WorkerLost);
        Assert.Contains("\"state\":\"queued\"", _rig.Connect().Ask($"show job {handle}"), StringComparison.Ordinal);
        Assert.Contains("\"attempts\":0", _rig.Connect().Ask($"show job {handle}"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(PacketType.CantDo, "f")]
    [InlineData(PacketType.ResetAbilities, "")]
    public void AFunctionGivenUpDuringTheStopCountsNoAttemptEither(PacketType type, string argument)
    {
        var handle = SubmitStored();
        var worker = _rig.Worker("f");
        worker.GrabHandle();
        var stored = _rig.Effects.Stored.Count;
        _rig.Step(JobServerInput.Stopping(_rig.NowMs));
        worker.Send(type, argument);
        Assert.Equal(stored, _rig.Effects.Stored.Count);
        Assert.Contains("\"attempts\":0", _rig.Connect().Ask($"show job {handle}"), StringComparison.Ordinal);
    }

    [Fact]
    public void NobodyIsToldThatAJobFailedBecauseTheServerStops()
    {
        var client = _rig.Connect();
        client.Submit(PacketType.SubmitJob, "f", "", "x");
        var worker = _rig.Worker("f");
        worker.GrabHandle();
        _rig.Step(JobServerInput.Stopping(_rig.NowMs));
        worker.Disconnect();
        Assert.Empty(client.Received());
        client.Disconnect();
        Assert.Equal(0, _rig.Machine.Snapshot().Jobs);
    }

    [Fact]
    public void NothingIsHandedOutDuringTheStop()
    {
        SubmitStored();
        var worker = _rig.Worker("f");
        var sleeper = _rig.Worker("f");
        _rig.Step(JobServerInput.Stopping(_rig.NowMs));
        Assert.Null(worker.Grab());
        sleeper.Send(PacketType.PreSleep);
        Assert.Empty(sleeper.Received());
        Assert.True(_rig.Machine.Snapshot().IsDraining);
    }

    [Fact]
    public void AnEndThatAWorkerReportsDuringTheStopStillCounts()
    {
        SubmitStored();
        var worker = _rig.Worker("f");
        var handle = worker.GrabHandle();
        _rig.Step(JobServerInput.Stopping(_rig.NowMs));
        worker.Send(PacketType.WorkComplete, handle, "done");
        Assert.Equal(StoredRecordKind.JobRemoved, _rig.Effects.Stored[^1].Kind);
    }

    [Fact]
    public void NoJobTimesOutDuringTheStopAndNoTickIsAskedForIt()
    {
        SubmitStored();
        var worker = _rig.Connect();
        worker.Send(PacketType.CanDoTimeout, "f", "1000");
        worker.GrabHandle();
        var stored = _rig.Effects.Stored.Count;
        _rig.Step(JobServerInput.Stopping(_rig.NowMs));
        Assert.Equal(long.MaxValue, _rig.Machine.NextDeadlineMs);
        _rig.Pass(5000);
        Assert.Equal(stored, _rig.Effects.Stored.Count);
        Assert.Equal(1, _rig.Machine.RunningJobs);
    }

    private string SubmitStored()
    {
        var client = _rig.Connect();
        client.Send(PacketType.SubmitJobBg, "f", "", "x");
        _rig.Commit();
        return Assert.Single(client.Received())["JobCreated ".Length..];
    }
}
