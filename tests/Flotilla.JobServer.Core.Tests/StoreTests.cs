using Flotilla.Gearman.Protocol;

namespace Flotilla.JobServer.Core.Tests;

/// <summary>Durable machines: what waits for the store, and what happens when it says no.</summary>
public sealed class StoreTests
{
    private readonly Rig _rig = new(options => options with { IsDurable = true });

    [Fact]
    public void ABackgroundJobIsNeitherAnsweredNorRunnableBeforeItIsStored()
    {
        var client = _rig.Connect();
        var worker = _rig.SleepingWorker("f");
        client.Send(PacketType.SubmitJobHighBg, "f", "u", "x");
        Assert.Empty(client.Received());
        Assert.Empty(worker.Received());
        Assert.Equal("f\t0\t0\t1\n.\n", worker.Ask("status"));
        Assert.Equal("StatusRes H:t:1|0|0|0|0", worker.Ask(PacketType.GetStatus, "H:t:1"));
        Assert.Equal("ERR UNKNOWN_JOB\r\n", worker.Ask("cancel job H:t:1"));
        Assert.Contains("\"state\":\"storing\"", worker.Ask("show job H:t:1"), StringComparison.Ordinal);
        _rig.Commit();
        Assert.Equal(["JobCreated H:t:1"], client.Received());
        Assert.Equal(["Noop"], worker.Received());
        Assert.Equal("H:t:1|f|x", worker.Grab());
        var record = Assert.Single(_rig.Effects.Stored);
        Assert.Equal((StoredRecordKind.JobAdded, 1UL, JobPriority.High, "f", "u", "x"), (record.Kind, record.Id, record.Priority, record.Function, record.Unique, record.Data));
    }

    [Fact]
    public void RepliesKeepTheOrderOfRequestsWhileTheStoreIsAwaited()
    {
        var client = _rig.Connect();
        var worker = _rig.Worker("f", "g");
        client.Send(PacketType.SubmitJobBg, "f", "", "1");
        client.Send(PacketType.EchoReq, "between");
        client.Send(PacketType.SubmitJobBg, "f", "", "2");
        client.Send(PacketType.SubmitJob, "g", "", "foreground");
        var handle = worker.GrabHandle();
        worker.Send(PacketType.WorkComplete, handle, "r");
        client.Send(PacketType.EchoReq, "after");
        Assert.Empty(client.Received());
        _rig.Commit(1);
        Assert.Equal(["JobCreated H:t:1", "EchoRes between"], client.Received());
        _rig.Commit(2);
        Assert.Equal(["JobCreated H:t:2", "JobCreated H:t:3", "WorkComplete H:t:3|r", "EchoRes after"], client.Received());
    }

    [Fact]
    public void OtherConnectionsDoNotWaitForTheStore()
    {
        _rig.Connect().Send(PacketType.SubmitJobBg, "f", "", "x");
        var other = _rig.Connect();
        Assert.Equal("EchoRes hi", other.Ask(PacketType.EchoReq, "hi"));
        Assert.Equal("JobCreated H:t:2", other.Ask(PacketType.SubmitJob, "f", "", "x"));
    }

    [Fact]
    public void ASubmitOfTheSameKeyWaitsWithTheJobThatIsBeingStored()
    {
        var (first, background, foreground) = (_rig.Connect(), _rig.Connect(), _rig.Connect());
        first.Send(PacketType.SubmitJobBg, "f", "key", "x");
        background.Send(PacketType.SubmitJobBg, "f", "key", "x");
        foreground.Send(PacketType.SubmitJob, "f", "key", "x");
        Assert.Empty(background.Received());
        Assert.Empty(foreground.Received());
        _rig.Commit();
        Assert.Equal(["JobCreated H:t:1"], first.Received());
        Assert.Equal(["JobCreated H:t:1"], background.Received());
        Assert.Equal(["JobCreated H:t:1"], foreground.Received());
        var worker = _rig.Worker("f");
        worker.Send(PacketType.WorkComplete, worker.GrabHandle(), "r");
        Assert.Equal(["WorkComplete H:t:1|r"], foreground.Received());
        Assert.Single(_rig.Effects.Stored, record => record.Kind == StoredRecordKind.JobAdded);
    }

    [Fact]
    public void ARefusedJobIsAnsweredWithAnErrorAndForgottenAndWorkGoesOn()
    {
        var (client, joined, foreground) = (_rig.Connect(), _rig.Connect(), _rig.Connect());
        var worker = _rig.Worker("f");
        client.Send(PacketType.SubmitJobBg, "f", "old", "stored");
        _rig.Commit();
        client.Send(PacketType.SubmitJobBg, "f", "key", "x");
        client.Send(PacketType.EchoReq, "after");
        joined.Send(PacketType.SubmitJobBg, "f", "key", "x");
        foreground.Send(PacketType.SubmitJob, "f", "key", "x");
        _rig.FailStore();
        Assert.Equal(["JobCreated H:t:1", "Error QUEUE_ERROR|disk full", "EchoRes after"], client.Received());
        Assert.Equal(["Error QUEUE_ERROR|disk full"], joined.Received());
        Assert.Equal(["Error QUEUE_ERROR|disk full"], foreground.Received());
        Assert.Equal("H:t:1|f|stored", worker.Grab());
        Assert.Null(worker.Grab());
        Assert.Equal(1, _rig.Machine.Snapshot().Jobs);
        client.Send(PacketType.SubmitJobBg, "f", "key", "x");
        _rig.Commit();
        Assert.Equal(["JobCreated H:t:3"], client.Received());
    }

    [Fact]
    public void AForegroundJobThatBecomesBackgroundIsStoredThen()
    {
        var (foreground, background) = (_rig.Connect(), _rig.Connect());
        foreground.Submit(PacketType.SubmitJob, "f", "key", "x");
        Assert.Empty(_rig.Effects.Stored);
        background.Send(PacketType.SubmitJobBg, "f", "key", "y");
        Assert.Empty(background.Received());
        Assert.Equal("x", Assert.Single(_rig.Effects.Stored).Data);
        _rig.Commit();
        Assert.Equal(["JobCreated H:t:1"], background.Received());
        foreground.Disconnect();
        Assert.NotNull(_rig.Worker("f").Grab());
    }

    [Fact]
    public void AForegroundJobThatCouldNotBecomeBackgroundStaysWhatItWas()
    {
        var (foreground, background) = (_rig.Connect(), _rig.Connect());
        foreground.Submit(PacketType.SubmitJob, "f", "key", "x");
        background.Send(PacketType.SubmitJobBg, "f", "key", "y");
        _rig.FailStore();
        Assert.Equal(["Error QUEUE_ERROR|disk full"], background.Received());
        Assert.Equal("f\t1\t0\t0\n.\n", background.Ask("status"));
        foreground.Disconnect();
        Assert.Equal("f\t0\t0\t0\n.\n", background.Ask("status"));
    }

    [Fact]
    public void AJobThatEndsBeforeItsLateRecordIsStoredIsStillAnswered()
    {
        var (foreground, background) = (_rig.Connect(), _rig.Connect());
        foreground.Submit(PacketType.SubmitJob, "f", "key", "x");
        var worker = _rig.Worker("f");
        var handle = worker.GrabHandle();
        background.Send(PacketType.SubmitJobBg, "f", "key", "y");
        worker.Send(PacketType.WorkComplete, handle, "r");
        _rig.Commit();
        Assert.Equal(["JobCreated H:t:1"], background.Received());
        Assert.Equal([StoredRecordKind.JobAdded, StoredRecordKind.JobRemoved], _rig.Effects.Stored.Select(record => record.Kind));
        Assert.Equal(0, _rig.Machine.Snapshot().Jobs);
    }

    [Fact]
    public void ASubmitterMayLeaveWhileItsJobIsStored()
    {
        var client = _rig.Connect();
        client.Send(PacketType.SubmitJobBg, "f", "", "x");
        client.Disconnect();
        _rig.Commit();
        Assert.NotNull(_rig.Worker("f").Grab());
    }

    [Fact]
    public void EndsAndRetriesAreStoredWithoutWaiting()
    {
        var client = _rig.Connect();
        client.Ask("policy f backoff=2s");
        client.Send(PacketType.SubmitJobBg, "f", "", "x");
        _rig.Commit();
        var lost = _rig.Worker("f");
        Assert.NotNull(lost.Grab());
        lost.Disconnect();
        _rig.Pass(2000);
        var worker = _rig.Worker("f");
        worker.Send(PacketType.WorkComplete, worker.GrabHandle(), "r");
        var records = _rig.Effects.Stored;
        Assert.Equal(
            [StoredRecordKind.FunctionSet, StoredRecordKind.JobAdded, StoredRecordKind.JobRetried, StoredRecordKind.JobRemoved],
            records.Select(record => record.Kind));
        Assert.Equal((1, Rig.StartMs + 2000), (records[2].Attempts, records[2].DueMs));
    }

    [Fact]
    public void ForegroundJobsAreNeverStored()
    {
        var client = _rig.Connect();
        client.Submit(PacketType.SubmitJob, "f", "", "x");
        var worker = _rig.Worker("f");
        worker.Send(PacketType.WorkComplete, worker.GrabHandle(), "r");
        Assert.Empty(_rig.Effects.Stored);
    }

    [Fact]
    public void WhatARefusingStoreMissedItIsToldAgain()
    {
        var client = _rig.Connect();
        client.Send(PacketType.SubmitJobBg, "f", "", "x");
        _rig.Commit();
        var worker = _rig.Worker("f");
        worker.Send(PacketType.WorkComplete, worker.GrabHandle(), "r");
        _rig.FailStore();
        Assert.Equal(Rig.StartMs + 1000, _rig.Machine.NextDeadlineMs);
        var before = _rig.Effects.Stored.Count;
        _rig.Pass(1000);
        Assert.Equal((StoredRecordKind.JobRemoved, 1UL), (_rig.Effects.Stored[before].Kind, _rig.Effects.Stored[before].Id));
        _rig.Commit();
        Assert.Equal(long.MaxValue, _rig.Machine.NextDeadlineMs);
    }

    [Fact]
    public void ReplayBringsEverythingBack()
    {
        var client = _rig.Connect();
        client.Ask("policy f attempts=1 dead=keep");
        client.Ask("pause g");
        client.Send(PacketType.SubmitJobLowBg, "f", "u1", "waits");
        client.Send(PacketType.SubmitJobEpoch, "f", "u2", "1700000009.5", "later");
        client.Send(PacketType.SubmitJobHighBg, "f", "u3", "dies");
        client.Send(PacketType.SubmitJobSched, "f", "u4", "*/5", "", "", "", "", "recurs");
        client.Send(PacketType.SubmitJobBg, "g", "", "paused");
        _rig.Commit();
        var lost = _rig.Worker("f");
        Assert.Equal("H:t:3", lost.GrabHandle());
        lost.Disconnect();

        var again = new Rig(options => options with { IsDurable = true });
        _rig.Effects.Stored.ForEach(again.Replay);
        var admin = again.Connect();
        Assert.Equal("f\t2\t0\t0\ng\t1\t0\t0\n.\n", admin.Ask("status"));
        Assert.Contains("\"handle\":\"H:t:3\",\"function\":\"f\",\"unique\":\"u3\",\"state\":\"dead\"", admin.Ask("show dead"), StringComparison.Ordinal);
        Assert.Contains("\"schedule\":\"*/5 * * * *\"", admin.Ask("show schedules"), StringComparison.Ordinal);
        Assert.Contains("\"paused\":true", admin.Ask("show functions"), StringComparison.Ordinal);
        Assert.Equal("JobCreated H:t:1", admin.Ask(PacketType.SubmitJob, "f", "u1", "joins"));
        var worker = again.Worker("f", "g");
        Assert.Equal("H:t:1|f|waits", worker.Grab());
        Assert.Null(worker.Grab());
        again.Pass(9_500);
        Assert.Equal("H:t:2|f|later", worker.Grab());
        Assert.Empty(again.Effects.Stored);
    }

    [Fact]
    public void ADeadJobThatWasRetriedComesBackAlive()
    {
        var client = _rig.Connect();
        client.Ask("policy f attempts=1 dead=keep");
        client.Send(PacketType.SubmitJobBg, "f", "key", "x");
        _rig.Commit();
        var lost = _rig.Worker("f");
        Assert.NotNull(lost.Grab());
        lost.Disconnect();
        client.Ask("dead retry all f");
        Assert.Equal(StoredRecordKind.JobRetried, _rig.Effects.Stored[^1].Kind);

        var again = new Rig();
        _rig.Effects.Stored.ForEach(again.Replay);
        Assert.Equal("H:t:1", again.Connect().Submit(PacketType.SubmitJobBg, "f", "key", "joins"));
        Assert.Equal("H:t:1|f|x", again.Worker("f").Grab());
    }

    [Fact]
    public void FunctionsDroppedWhileAJobIsStoredTakeItWithThem()
    {
        var client = _rig.Connect();
        var admin = _rig.Connect();
        client.Send(PacketType.SubmitJobBg, "f", "", "x");
        Assert.Equal("OK\r\n", admin.Ask("drop function f"));
        _rig.Commit();
        Assert.Equal(["JobCreated H:t:1"], client.Received());
        Assert.Equal(0, _rig.Machine.Snapshot().Jobs);
        Assert.Contains(_rig.Effects.Stored, record => record.Kind == StoredRecordKind.JobRemoved);
    }
}
