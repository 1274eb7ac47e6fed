using Flotilla.Gearman.Protocol;

namespace Flotilla.JobServer.Core.Tests;

/// <summary>No herd, no lost wake-up, whatever the woken worker does.</summary>
public sealed class WakeUpTests
{
    private readonly Rig _rig = new();

    [Fact]
    public void AsManyAreWokenAsThereAreJobs()
    {
        var client = _rig.Connect();
        var workers = Enumerable.Range(0, 5).Select(_ => _rig.SleepingWorker("f")).ToList();
        for (var i = 0; i < 3; i++)
            client.Submit(PacketType.SubmitJobBg, "f", "", "x");
        Assert.Equal([1, 1, 1, 0, 0], workers.Select(worker => worker.Received().Count));
    }

    [Fact]
    public void MoreCanBeWokenPerJob()
    {
        var rig = new Rig(options => options with { WorkersWokenPerJob = 1_000_000 });
        var workers = Enumerable.Range(0, 5).Select(_ => rig.SleepingWorker("f")).ToList();
        rig.Connect().Submit(PacketType.SubmitJobBg, "f", "", "x");
        Assert.Equal([1, 1, 1, 1, 1], workers.Select(worker => worker.Received().Count));
    }

    [Theory]
    [InlineData("dies")]
    [InlineData("gives the function up")]
    [InlineData("resets")]
    [InlineData("does nothing")]
    [InlineData("serves another function")]
    [InlineData("falls asleep and is woken for another function")]
    public void AWokenWorkerThatDoesNotTakeTheJobDoesNotStrandIt(string what)
    {
        var client = _rig.Connect();
        var woken = _rig.SleepingWorker("f", "g");
        var next = _rig.SleepingWorker("f");
        client.Submit(PacketType.SubmitJobBg, "f", "", "x");
        Assert.Equal(["Noop"], woken.Received());
        Assert.Empty(next.Received());
        switch (what)
        {
            case "dies":
                woken.Disconnect();
                break;
            case "gives the function up":
                woken.Send(PacketType.CantDo, "f");
                break;
            case "resets":
                woken.Send(PacketType.ResetAbilities);
                break;
            case "does nothing":
                _rig.Pass(200);
                break;
            case "falls asleep and is woken for another function":
                client.Submit(PacketType.SubmitJobHighBg, "g", "", "urgent");
                woken.Send(PacketType.PreSleep);
                Assert.Equal(["Noop"], woken.Received());
                break;
            default:
                client.Submit(PacketType.SubmitJobHighBg, "g", "", "urgent");
                Assert.Equal("H:t:2|g|urgent", woken.Grab());
                break;
        }

        Assert.Equal(["Noop"], next.Received());
        Assert.Equal("H:t:1|f|x", next.Grab());
    }

    [Fact]
    public void AWorkerThatFallsAsleepAgainWithoutGrabbingIsWokenAgain()
    {
        var client = _rig.Connect();
        var sleeper = _rig.SleepingWorker("f");
        client.Submit(PacketType.SubmitJobBg, "f", "", "x");
        Assert.Equal(["Noop"], sleeper.Received());
        Assert.NotNull(_rig.Worker("f").Grab());
        sleeper.Send(PacketType.PreSleep);
        Assert.Empty(sleeper.Received());
        client.Submit(PacketType.SubmitJobBg, "f", "", "y");
        Assert.Equal(["Noop"], sleeper.Received());
    }

    [Fact]
    public void AFunctionLearntAsleepCounts()
    {
        var client = _rig.Connect();
        client.Submit(PacketType.SubmitJobBg, "f", "", "x");
        var worker = _rig.SleepingWorker("g");
        worker.CanDo("f");
        Assert.Equal(["Noop"], worker.Received());
        var other = _rig.SleepingWorker("g");
        other.CanDo("h");
        client.Submit(PacketType.SubmitJobBg, "h", "", "x");
        Assert.Equal(["Noop"], other.Received());
    }

    [Fact]
    public void AFunctionForgottenAsleepDoesNotWake()
    {
        var client = _rig.Connect();
        var worker = _rig.SleepingWorker("f", "g");
        worker.Send(PacketType.CantDo, "f");
        client.Submit(PacketType.SubmitJobBg, "f", "", "x");
        Assert.Empty(worker.Received());
        client.Submit(PacketType.SubmitJobBg, "g", "", "x");
        Assert.Equal(["Noop"], worker.Received());
    }

    [Fact]
    public void APausedFunctionWakesNobodyUntilItIsResumed()
    {
        var admin = _rig.Connect();
        var worker = _rig.SleepingWorker("f");
        Assert.Equal("OK\r\n", admin.Ask("pause f"));
        admin.Submit(PacketType.SubmitJobBg, "f", "", "x");
        Assert.Empty(worker.Received());
        Assert.Null(worker.Grab());
        worker.Send(PacketType.PreSleep);
        Assert.Empty(worker.Received());
        Assert.Equal("OK\r\n", admin.Ask("resume f"));
        Assert.Equal(["Noop"], worker.Received());
        Assert.NotNull(worker.Grab());
    }

    [Fact]
    public void ADrainingFunctionTakesNoNewJobsAndHandsTheOldOnesOut()
    {
        var admin = _rig.Connect();
        admin.Submit(PacketType.SubmitJobBg, "f", "key", "x");
        Assert.Equal("OK\r\n", admin.Ask("drain f"));
        Assert.Equal("Error QUEUE_ERROR|Function is draining", admin.Ask(PacketType.SubmitJob, "f", "", "y"));
        Assert.Equal("H:t:1", admin.Submit(PacketType.SubmitJobBg, "f", "key", "x"));
        Assert.NotNull(_rig.Worker("f").Grab());
        Assert.Equal("OK\r\n", admin.Ask("resume f"));
        admin.Submit(PacketType.SubmitJobBg, "f", "", "z");
    }

    [Fact]
    public void ADrainingServerHandsNothingOutAndFinishesWhatRuns()
    {
        var client = _rig.Connect();
        var worker = _rig.Worker("f");
        client.Submit(PacketType.SubmitJob, "f", "", "runs");
        var handle = worker.GrabHandle();
        var sleeper = _rig.SleepingWorker("f");
        _rig.Step(JobServerInput.Draining(_rig.NowMs));
        client.Submit(PacketType.SubmitJobBg, "f", "", "waits");
        Assert.Empty(sleeper.Received());
        Assert.Null(worker.Grab());
        Assert.Equal(1, _rig.Machine.RunningJobs);
        worker.Send(PacketType.WorkComplete, handle, "r");
        Assert.Equal(0, _rig.Machine.RunningJobs);
        Assert.Equal("WorkComplete H:t:1|r", client.Received()[^1]);
    }

    [Fact]
    [Trait("tier", "full")]
    public void AWorkerOfAThousandFunctionsIsServedFairly()
    {
        var client = _rig.Connect();
        var names = Enumerable.Range(0, 1000).Select(i => $"f{i}").ToArray();
        var worker = _rig.Worker(names);
        foreach (var name in names)
        {
            client.Submit(PacketType.SubmitJobBg, name, "", "1");
            client.Submit(PacketType.SubmitJobBg, name, "", "2");
        }

        var firstTurn = Enumerable.Range(0, 1000).Select(_ => worker.Grab()!.Split('|')[1]).ToHashSet(StringComparer.Ordinal);
        Assert.Equal(1000, firstTurn.Count);
    }
}
