namespace Flotilla.JobServer.Core.Tests;

/// <summary>A machine with everything around it in the hands of the test: time, peers, store.</summary>
internal sealed class Rig
{
    public const long StartMs = 1_700_000_000_000;
    private int _nextSlot;

    public Rig(Func<JobMachineOptions, JobMachineOptions>? change = null)
    {
        var options = new JobMachineOptions { HandlePrefix = "H:t", Version = "9.9", ProcessId = 4711 };
        Options = change is null ? options : change(options);
        Machine = new JobMachine(Options);
    }

    public JobMachineOptions Options { get; }

    public JobMachine Machine { get; }

    public RecordedEffects Effects { get; } = new();

    public long NowMs { get; private set; } = StartMs;

    public Peer Connect(ConnectionInfo? info = null)
    {
        var slot = _nextSlot++;
        Step(JobServerInput.Connected(NowMs, new ConnectionId(slot), info ?? new ConnectionInfo("127.0.0.1", slot + 30)));
        return new Peer(this, slot);
    }

    public Peer Worker(params string[] functions)
    {
        var worker = Connect();
        worker.CanDo(functions);
        return worker;
    }

    /// <summary>A worker that waits for a NOOP.</summary>
    public Peer SleepingWorker(params string[] functions)
    {
        var worker = Worker(functions);
        worker.Send(Gearman.Protocol.PacketType.PreSleep);
        Assert.Empty(worker.Received());
        return worker;
    }

    public void Disconnect(Peer peer) => Step(JobServerInput.Disconnected(NowMs, new ConnectionId(peer.Slot)));

    public void Step(in JobServerInput input)
    {
        Machine.Step(input, Effects);
        MachineInvariants.Check(Machine.State);
    }

    /// <summary>Lets time pass and ticks as a runtime would: whenever the machine asked for it.</summary>
    public void Pass(long milliseconds)
    {
        var end = NowMs + milliseconds;
        var ticks = 0;
        do
        {
            NowMs = Math.Clamp(Machine.NextDeadlineMs, NowMs, end);
            Step(JobServerInput.Tick(NowMs));
            Assert.True(++ticks < 1_000_000, "the machine asks for ticks without end");
        }
        while (NowMs < end || Machine.NextDeadlineMs <= NowMs);
    }

    public void Commit(ulong? upTo = null) => Step(JobServerInput.StoreCommitted(NowMs, upTo ?? Effects.LastSequence));

    public void FailStore(string reason = "disk full") => Step(JobServerInput.StoreFailed(NowMs, Effects.LastSequence, reason));

    public void Replay(StoredCopy record) => Step(JobServerInput.Replayed(NowMs, record.ToRecord()));
}
