using Flotilla.Gearman.Protocol;

namespace Flotilla.JobServer.Core.Tests;

public sealed class SubmitAndWorkTests
{
    private readonly Rig _rig = new();

    [Fact]
    public void AForegroundJobGoesFromClientToWorkerAndItsResultComesBack()
    {
        var client = _rig.Connect();
        var worker = _rig.SleepingWorker("reverse");

        client.Send(PacketType.SubmitJob, "reverse", "u1", "abc");
        Assert.Equal(["JobCreated H:t:1"], client.Received());
        Assert.Equal(["Noop"], worker.Received());

        Assert.Equal("H:t:1|reverse|abc", worker.Grab());
        worker.Send(PacketType.WorkStatus, "H:t:1", "1", "2");
        worker.Send(PacketType.WorkData, "H:t:1", "part");
        worker.Send(PacketType.WorkWarning, "H:t:1", "careful");
        worker.Send(PacketType.WorkComplete, "H:t:1", "cba");
        Assert.Equal(["WorkStatus H:t:1|1|2", "WorkData H:t:1|part", "WorkWarning H:t:1|careful", "WorkComplete H:t:1|cba"], client.Received());
        Assert.Empty(worker.Received());
        Assert.Equal(0, _rig.Machine.Snapshot().Jobs);
    }

    [Fact]
    public void GrabJobAnswersNoJobWhenTheQueueIsEmpty() => Assert.Null(_rig.Worker("f").Grab());

    [Fact]
    public void GrabWithoutAbilitiesAnswersNoJob()
    {
        _rig.Connect().Submit(PacketType.SubmitJobBg, "f", "", "x");
        Assert.Null(_rig.Connect().Grab());
    }

    [Fact]
    public void AWorkerHoldsSeveralJobsAndCompletesThemInAnyOrder()
    {
        var client = _rig.Connect();
        var worker = _rig.Worker("f");
        client.Submit(PacketType.SubmitJob, "f", "", "a");
        client.Submit(PacketType.SubmitJob, "f", "", "b");
        Assert.Equal("H:t:1|f|a", worker.Grab());
        Assert.Equal("H:t:2|f|b", worker.Grab());
        worker.Send(PacketType.WorkComplete, "H:t:2", "B");
        worker.Send(PacketType.WorkComplete, "H:t:1", "A");
        Assert.Equal(["WorkComplete H:t:2|B", "WorkComplete H:t:1|A"], client.Received());
    }
}
