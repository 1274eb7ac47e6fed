using Flotilla.Gearman.Protocol;

namespace Flotilla.JobServer.Core.Tests;

/// <summary>What Gearman implementations get wrong, by the numbers of docs/protocols/gearman.md: kept where clients were tuned to it, bettered elsewhere.</summary>
public sealed class QuirkTests
{
    private static readonly string Key64 = new('k', 64);
    private readonly Rig _rig = new();

    [Fact]
    public void Quirk01SubmitsOfOneKeyShareAHandleAndAllClientsAreAnswered()
    {
        var (a, b, c) = (_rig.Connect(), _rig.Connect(), _rig.Connect());
        var worker = _rig.Worker("f");
        Assert.Equal("H:t:1", a.Submit(PacketType.SubmitJob, "f", "key", "first"));
        Assert.Equal("H:t:1", b.Submit(PacketType.SubmitJob, "f", "key", "second"));
        Assert.Equal("H:t:1|f|first", worker.Grab());
        Assert.Equal("H:t:1", a.Submit(PacketType.SubmitJob, "f", "key", "while it runs"));
        Assert.Equal("H:t:1", c.Submit(PacketType.SubmitJobBg, "f", "key", "hears nothing"));
        worker.Send(PacketType.WorkData, "H:t:1", "d");
        worker.Send(PacketType.WorkComplete, "H:t:1", "r");
        Assert.Equal(["WorkData H:t:1|d", "WorkData H:t:1|d", "WorkComplete H:t:1|r", "WorkComplete H:t:1|r"], a.Received());
        Assert.Equal(["WorkData H:t:1|d", "WorkComplete H:t:1|r"], b.Received());
        Assert.Empty(c.Received());
        Assert.Equal("H:t:2", a.Submit(PacketType.SubmitJob, "f", "key", "again"));
    }

    [Fact]
    public void Quirk01CoalescedSubmitsSucceedWhenTheQueueIsFull()
    {
        var client = _rig.Connect();
        client.Ask("maxqueue f 1");
        client.Submit(PacketType.SubmitJobBg, "f", "key", "x");
        Assert.Equal("Error QUEUE_ERROR|Job queue is full", client.Ask(PacketType.SubmitJobBg, "f", "other", "x"));
        Assert.Equal("H:t:1", client.Submit(PacketType.SubmitJobBg, "f", "key", "x"));
    }

    [Fact]
    public void Quirk02ADashTakesThePayloadForTheKey()
    {
        var client = _rig.Connect();
        Assert.Equal("H:t:1", client.Submit(PacketType.SubmitJobBg, "f", "-", "same"));
        Assert.Equal("H:t:1", client.Submit(PacketType.SubmitJobBg, "f", "-", "same"));
        Assert.Equal("H:t:2", client.Submit(PacketType.SubmitJobBg, "f", "-", "other"));
        Assert.Equal("H:t:3", client.Submit(PacketType.SubmitJobBg, "f", "same", "same"));
        Assert.Equal("H:t:4", client.Submit(PacketType.SubmitJobBg, "g", "-", "same"));
        Assert.Equal("H:t:5", client.Submit(PacketType.SubmitJobBg, "f", "-", ""));
        Assert.Equal("H:t:6", client.Submit(PacketType.SubmitJobBg, "f", "-", ""));
        Assert.Equal("H:t:7", client.Submit(PacketType.SubmitJobBg, "f", "", "same"));
        Assert.Equal("H:t:8", client.Submit(PacketType.SubmitJobBg, "f", "", "same"));
    }

    [Fact]
    public void Quirk03AUniqueOf64BytesIsKeptWhole()
    {
        var client = _rig.Connect();
        var worker = _rig.Worker("f");
        Assert.Equal("H:t:1", client.Submit(PacketType.SubmitJobBg, "f", Key64, "payload"));
        Assert.Equal("H:t:1", client.Submit(PacketType.SubmitJobBg, "f", Key64, "payload"));
        Assert.Equal($"JobAssignUniq H:t:1|f|{Key64}|payload", worker.Ask(PacketType.GrabJobUniq));
        Assert.Equal("Error ARGUMENT_TOO_LARGE|Unique value too large", client.Ask(PacketType.SubmitJob, "f", Key64 + "k", "x"));
    }

    [Fact]
    public void Quirk04PriorityCountsAcrossFunctionsAndFunctionsTakeTurns()
    {
        var client = _rig.Connect();
        client.Submit(PacketType.SubmitJobHigh, "a", "", "h1");
        client.Submit(PacketType.SubmitJobLow, "a", "", "l2");
        client.Submit(PacketType.SubmitJobHigh, "b", "", "h2");
        client.Submit(PacketType.SubmitJobLow, "b", "", "l1");
        var worker = _rig.Worker("b", "a");
        Assert.Equal("h1 h2 l2 l1", string.Join(' ', Enumerable.Range(0, 4).Select(_ => worker.Grab()!.Split('|')[2])));
    }

    [Fact]
    public void Quirk04ARetriedJobGoesToTheTail()
    {
        var client = _rig.Connect();
        client.Submit(PacketType.SubmitJobBg, "f", "", "1");
        client.Submit(PacketType.SubmitJobBg, "f", "", "2");
        var lost = _rig.Worker("f");
        Assert.Equal("H:t:1|f|1", lost.Grab());
        lost.Disconnect();
        var worker = _rig.Worker("f");
        Assert.Equal("H:t:2|f|2", worker.Grab());
        Assert.Equal("H:t:1|f|1", worker.Grab());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public void Quirk05AttemptsAreCountedByLostWorkersAndThenTheClientIsTold(int attempts)
    {
        var rig = new Rig(options => options with { DefaultPolicy = new RetryPolicy { Attempts = attempts } });
        var client = rig.Connect();
        client.Submit(PacketType.SubmitJob, "f", "", "x");
        for (var attempt = 1; attempt <= attempts; attempt++)
        {
            Assert.Empty(client.Received());
            var worker = rig.Worker("f");
            Assert.NotNull(worker.Grab());
            worker.Disconnect();
        }

        Assert.Equal(["WorkFail H:t:1"], client.Received());
        Assert.Null(rig.Worker("f").Grab());
    }

    [Fact]
    public void Quirk05WorkFailIsFinal()
    {
        var rig = new Rig(options => options with { DefaultPolicy = new RetryPolicy { Attempts = 3 } });
        var client = rig.Connect();
        client.Submit(PacketType.SubmitJob, "f", "", "x");
        var worker = rig.Worker("f");
        worker.Send(PacketType.WorkFail, worker.GrabHandle());
        Assert.Equal(["WorkFail H:t:1"], client.Received());
        Assert.Null(worker.Grab());
    }

    [Fact]
    public void Quirk05WithoutALimitAJobIsTriedForEver()
    {
        var client = _rig.Connect();
        client.Submit(PacketType.SubmitJob, "f", "", "x");
        for (var i = 0; i < 100; i++)
        {
            var worker = _rig.Worker("f");
            Assert.NotNull(worker.Grab());
            worker.Disconnect();
        }

        Assert.Empty(client.Received());
    }

    [Fact]
    public void Quirk06OneNoopUntilTheWorkerGrabsAndPreSleepWithWorkIsAnsweredAtOnce()
    {
        var client = _rig.Connect();
        var worker = _rig.SleepingWorker("f");
        worker.Send(PacketType.PreSleep);
        client.Submit(PacketType.SubmitJobBg, "f", "", "1");
        client.Submit(PacketType.SubmitJobBg, "f", "", "2");
        Assert.Equal(["Noop"], worker.Received());
        Assert.NotNull(worker.Grab());
        worker.Send(PacketType.PreSleep);
        Assert.Equal(["Noop"], worker.Received());
    }

    [Fact]
    public void Quirk07GrabbingEndsTheSleepAndOnlyTheOwnerMayReport()
    {
        var client = _rig.Connect();
        var (worker, thief) = (_rig.SleepingWorker("f"), _rig.Worker("f"));
        Assert.Null(worker.Grab());
        client.Submit(PacketType.SubmitJob, "f", "", "x");
        Assert.Empty(worker.Received());
        Assert.NotNull(worker.Grab());
        Assert.Equal("Error JOB_NOT_FOUND|Job given in work result not found", thief.Ask(PacketType.WorkComplete, "H:t:1", "stolen"));
        Assert.Equal("Error JOB_NOT_FOUND|Job given in work result not found", thief.Ask(PacketType.WorkFail, "H:t:1"));
        Assert.Equal("Error JOB_NOT_FOUND|Job does not exist on server", thief.Ask(PacketType.WorkData, "H:t:1", "x"));
        Assert.Equal("Error JOB_NOT_FOUND|Job does not exist on server", thief.Ask(PacketType.WorkWarning, "H:t:1", "x"));
        Assert.Equal(
            "Error JOB_NOT_FOUND|An exception was received for a job that does not exist", thief.Ask(PacketType.WorkException, "H:t:1", "x"));
        Assert.Empty(client.Received());
    }

    [Fact]
    public void Quirk08RegisteringTwiceCountsOnce()
    {
        var worker = _rig.Worker("f", "f");
        worker.Send(PacketType.CanDoTimeout, "f", "5000");
        Assert.Equal("f\t0\t0\t1\n.\n", worker.Ask("status"));
        worker.Send(PacketType.CantDo, "f");
        Assert.Equal("f\t0\t0\t0\n.\n", worker.Ask("status"));
    }

    [Theory]
    [InlineData(PacketType.CantDo)]
    [InlineData(PacketType.ResetAbilities)]
    public void Quirk09GivingAFunctionUpHandsItsRunningJobOnAtOnce(PacketType how)
    {
        var client = _rig.Connect();
        client.Submit(PacketType.SubmitJob, "f", "", "x");
        var worker = _rig.Worker("f");
        Assert.NotNull(worker.Grab());
        var other = _rig.SleepingWorker("f");
        worker.Send(how, how == PacketType.CantDo ? ["f"] : []);
        Assert.Equal(["Noop"], other.Received());
        Assert.Equal("Error JOB_NOT_FOUND|Job given in work result not found", worker.Ask(PacketType.WorkComplete, "H:t:1", "late"));
        Assert.NotNull(other.Grab());
    }

    [Fact]
    public void Quirk10AnExceptionIsFinalAndArrivesAsAFailureWithAZeroByteWithoutTheOption()
    {
        var (asked, plain) = (_rig.Connect(), _rig.Connect());
        Assert.Equal("OptionRes EXCEPTIONS", asked.Ask(PacketType.OptionReq, "EXCEPTIONS"));
        asked.Submit(PacketType.SubmitJob, "f", "key", "x");
        plain.Submit(PacketType.SubmitJob, "f", "key", "x");
        var worker = _rig.Worker("f");
        Assert.NotNull(worker.Grab());
        worker.Send(PacketType.WorkException, "H:t:1", "boom");
        Assert.Equal(["WorkException H:t:1|boom"], asked.Received());
        Assert.Equal(["WorkFail H:t:1|"], plain.Received());
        Assert.Equal("Error JOB_NOT_FOUND|Job given in work result not found", worker.Ask(PacketType.WorkFail, "H:t:1"));
    }

    [Fact]
    public void Quirk10ExceptionsCanBeTheDefault()
    {
        var rig = new Rig(options => options with { ExceptionsByDefault = true });
        var client = rig.Connect();
        client.Submit(PacketType.SubmitJob, "f", "", "x");
        var worker = rig.Worker("f");
        worker.Send(PacketType.WorkException, worker.GrabHandle(), "boom");
        Assert.Equal(["WorkException H:t:1|boom"], client.Received());
    }

    [Fact]
    public void Quirk11AnAbandonedForegroundJobIsGoneAtOnceAndARunningOneIsNotRetried()
    {
        var client = _rig.Connect();
        client.Submit(PacketType.SubmitJob, "f", "", "queued");
        client.Submit(PacketType.SubmitJob, "g", "", "running");
        var worker = _rig.Worker("g");
        Assert.NotNull(worker.Grab());
        client.Disconnect();
        Assert.Equal("f\t0\t0\t0\ng\t1\t1\t1\n.\n", worker.Ask("status"));
        worker.Disconnect();
        Assert.Equal("f\t0\t0\t0\ng\t0\t0\t0\n.\n", _rig.Connect().Ask("status"));
        Assert.Equal(0, _rig.Machine.Snapshot().Jobs);
    }

    [Fact]
    public void Quirk12ABackgroundJobOutlivesACoalescedForegroundClient() => BugTests.BackgroundJobOutlivesItsForegroundClient(_rig);

    [Fact]
    public void Quirk13ABackgroundSubmitMakesAForegroundJobOutliveItsClient()
    {
        var (foreground, background) = (_rig.Connect(), _rig.Connect());
        foreground.Submit(PacketType.SubmitJob, "f", "key", "x");
        background.Submit(PacketType.SubmitJobBg, "f", "key", "x");
        foreground.Disconnect();
        Assert.Equal("H:t:1|f|x", _rig.Worker("f").Grab());
    }

    [Fact]
    public void Quirk13ABackgroundSubmitOntoAnAbandonedRunningJobMakesItWorthARetry()
    {
        var client = _rig.Connect();
        client.Submit(PacketType.SubmitJob, "f", "key", "x");
        var worker = _rig.Worker("f");
        Assert.NotNull(worker.Grab());
        client.Disconnect();
        Assert.Equal("H:t:1", _rig.Connect().Submit(PacketType.SubmitJobBg, "f", "key", "x"));
        worker.Disconnect();
        Assert.Equal("H:t:1|f|x", _rig.Worker("f").Grab());
    }

    [Fact]
    public void Quirk14ATimedOutJobIsHandedOnWithoutAFailure()
    {
        var client = _rig.Connect();
        client.Submit(PacketType.SubmitJob, "f", "", "x");
        var slow = _rig.Connect();
        slow.Send(PacketType.CanDoTimeout, "f", "1500");
        Assert.NotNull(slow.Grab());
        var other = _rig.SleepingWorker("f");
        _rig.Pass(1499);
        Assert.Empty(other.Received());
        _rig.Pass(1);
        Assert.Equal(["Noop"], other.Received());
        Assert.Equal("Error JOB_NOT_FOUND|Job given in work result not found", slow.Ask(PacketType.WorkComplete, "H:t:1", "late"));
        Assert.NotNull(other.Grab());
        Assert.Empty(client.Received());
    }

    [Theory]
    [InlineData("1", 1000)]
    [InlineData("999", 1000)]
    [InlineData("1001", 1001)]
    [InlineData("0", 0)]
    [InlineData("-1", 0)]
    [InlineData("x", 0)]
    [InlineData("99999999999999999999", int.MaxValue)]
    public void Quirk14ShortTimeoutsAreASecondAndNoneIsNone(string sent, int expectedMs)
    {
        var worker = _rig.Connect();
        worker.Send(PacketType.CanDoTimeout, "f", sent);
        _rig.Connect().Submit(PacketType.SubmitJobBg, "f", "", "x");
        Assert.NotNull(worker.Grab());
        Assert.Equal(expectedMs == 0 ? long.MaxValue : _rig.NowMs + expectedMs, _rig.Machine.NextDeadlineMs);
    }

    [Fact]
    public void Quirk15ACancelledRunningJobFailsOnceAndItsResultIsDiscarded()
    {
        var client = _rig.Connect();
        client.Submit(PacketType.SubmitJob, "f", "key", "x");
        var worker = _rig.Worker("f");
        Assert.NotNull(worker.Grab());
        Assert.Equal("OK\r\n", _rig.Connect().Ask("cancel job H:t:1"));
        Assert.Equal(["WorkFail H:t:1"], client.Received());
        Assert.Equal("f\t0\t0\t1\n.\n", client.Ask("status"));
        worker.Send(PacketType.WorkData, "H:t:1", "late");
        worker.Send(PacketType.WorkComplete, "H:t:1", "late");
        Assert.Empty(worker.Received());
        Assert.Empty(client.Received());
        Assert.Equal("Error JOB_NOT_FOUND|Job given in work result not found", worker.Ask(PacketType.WorkComplete, "H:t:1", "twice"));
        Assert.Equal("H:t:2", client.Submit(PacketType.SubmitJob, "f", "key", "again"));
    }

    [Fact]
    public void Quirk15ACancelledQueuedJobIsNotCountedAnyMore()
    {
        var client = _rig.Connect();
        client.Submit(PacketType.SubmitJobBg, "f", "", "x");
        Assert.Equal("OK\r\n", client.Ask("cancel job H:t:1"));
        Assert.Equal("f\t0\t0\t0\n.\n", client.Ask("status"));
        Assert.Equal("StatusRes H:t:1|0|0|0|0", client.Ask(PacketType.GetStatus, "H:t:1"));
        Assert.Equal("ERR UNKNOWN_JOB\r\n", client.Ask("cancel job H:t:1"));
    }

    [Fact]
    public void Quirk16ADueJobWakesASleeperAndAFutureOneWakesNobody()
    {
        var client = _rig.Connect();
        var worker = _rig.SleepingWorker("f");
        Assert.Equal("JobCreated H:t:1", client.Ask(PacketType.SubmitJobEpoch, "f", "", "1700000000.250", "x"));
        Assert.Empty(worker.Received());
        _rig.Pass(249);
        Assert.Empty(worker.Received());
        _rig.Pass(1);
        Assert.Equal(["Noop"], worker.Received());
        Assert.Equal("H:t:1|f|x", worker.Grab());
    }

    [Theory]
    [InlineData("0")]
    [InlineData("-5")]
    [InlineData("soon")]
    [InlineData("1.25")]
    [InlineData("")]
    public void Quirk16ATimeThatIsPastOrNoneIsNow(string epoch)
    {
        _rig.Connect().Ask(PacketType.SubmitJobEpoch, "f", "", epoch, "x");
        Assert.NotNull(_rig.Worker("f").Grab());
    }

    [Fact]
    public void Quirk16ATimeOutOfRangeIsAnswered()
        => Assert.Equal("JobCreated H:t:1", _rig.Connect().Ask(PacketType.SubmitJobEpoch, "f", "", "99999999999999999999999", "x"));

    [Fact]
    public void Quirk17EveryStatusQuestionIsAnswered()
    {
        var client = _rig.Connect();
        foreach (var length in new[] { 0, 1, 63, 64, 65, 5000 })
        {
            var odd = new string('h', length);
            Assert.Equal($"StatusRes {odd}|0|0|0|0", client.Ask(PacketType.GetStatus, odd));
            Assert.Equal($"StatusResUnique {odd}|0|0|0|0|0", client.Ask(PacketType.GetStatusUnique, odd));
        }
    }

    [Fact]
    public void Quirk17StatusByAUniqueOf64BytesFindsTheJob()
    {
        var client = _rig.Connect();
        client.Submit(PacketType.SubmitJob, "f", Key64, "x");
        Assert.Equal($"StatusResUnique {Key64}|1|0|0|0|1", client.Ask(PacketType.GetStatusUnique, Key64));
    }

    [Fact]
    public void Quirk18AQueueLimitCountsWaitingJobsOfThePriority()
    {
        var client = _rig.Connect();
        Assert.Equal("OK\r\n", client.Ask("maxqueue f 1 2 0"));
        Assert.Equal(".\n", client.Ask("status"));
        client.Submit(PacketType.SubmitJobBg, "f", "", "1");
        client.Submit(PacketType.SubmitJobHighBg, "f", "", "2");
        Assert.Equal("Error QUEUE_ERROR|Job queue is full", client.Ask(PacketType.SubmitJobHigh, "f", "", "3"));
        client.Submit(PacketType.SubmitJobBg, "f", "", "4");
        Assert.Equal("Error QUEUE_ERROR|Job queue is full", client.Ask(PacketType.SubmitJobEpoch, "f", "", "99999999999", "5"));
        client.Submit(PacketType.SubmitJobLowBg, "f", "", "6");
        Assert.NotNull(_rig.Worker("f").Grab());
        client.Submit(PacketType.SubmitJobHighBg, "f", "", "the first one runs and does not count");
    }

    [Fact]
    public void Quirk18LimitsHaveADefaultAndAreStored()
    {
        var rig = new Rig(options => options with { IsDurable = true, DefaultQueueLimits = new QueueLimits(0, 1, 0) });
        var client = rig.Connect();
        client.Send(PacketType.SubmitJob, "f", "", "1");
        client.Send(PacketType.SubmitJob, "f", "", "2");
        Assert.Equal(["JobCreated H:t:1", "Error QUEUE_ERROR|Job queue is full"], client.Received());
        client.Ask("maxqueue f 5");
        var restarted = new Rig();
        restarted.Replay(Assert.Single(rig.Effects.Stored));
        Assert.Equal(5, restarted.Machine.State.Functions.Find("f"u8)!.Limits.Normal);
    }

    [Fact]
    public void Quirk19HandlesAreNeverGivenTwice()
    {
        var rig = new Rig(options => options with { FirstJobId = uint.MaxValue });
        Assert.Equal("H:t:4294967295", rig.Connect().Submit(PacketType.SubmitJobBg, "f", "", "x"));
        Assert.Equal("H:t:4294967296", rig.Connect().Submit(PacketType.SubmitJobBg, "f", "", "x"));

        var restarted = new Rig();
        restarted.Replay(new StoredCopy(new StoredRecord { Kind = StoredRecordKind.JobAdded, Id = new JobId(77), Function = "f"u8 }));
        Assert.Equal("H:t:78", restarted.Connect().Submit(PacketType.SubmitJobBg, "f", "", "x"));
    }

    [Fact]
    public void Quirk20AWorkerThatClosesHasItsJobRetriedAndOptionsAreAlwaysAnswered()
    {
        var client = _rig.Connect();
        Assert.Equal("OptionRes exceptions", client.Ask(PacketType.OptionReq, "exceptions"));
        Assert.Equal("OptionRes exceptions", client.Ask(PacketType.OptionReq, "exceptions"));
        Assert.Equal("Error UNKNOWN_OPTION|Server does not recognize given option", client.Ask(PacketType.OptionReq, "nonsense"));
        client.Submit(PacketType.SubmitJob, "f", "", "x");
        var worker = _rig.Worker("f");
        Assert.NotNull(worker.Grab());
        worker.Disconnect();
        var next = _rig.Worker("f");
        next.Send(PacketType.WorkComplete, next.GrabHandle(), "r");
        Assert.Equal(["WorkComplete H:t:1|r"], client.Received());
    }
}
