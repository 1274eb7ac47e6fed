using System.Diagnostics;
using Flotilla.JobServer.Core;

namespace Flotilla.JobServer.Hosting;

/// <summary>Steps what the store reads back through the machine, before there is any connection.</summary>
internal sealed class ReplaySink(MachineGate gate, JobServerOptions options) : IJobStoreReplay
{
    private static readonly TimeSpan LogEvery = TimeSpan.FromSeconds(1);

    private readonly long _nowMs = gate.NowMs();
    private long _logged = Stopwatch.GetTimestamp();
    private ulong _highestAlive;

    public long Records { get; private set; }

    public void OnRecord(in StoredRecord record)
    {
        Records++;
        _highestAlive = Math.Max(_highestAlive, record.Id.Value);
        gate.Machine.Step(JobServerInput.Replayed(_nowMs, record), gate);
    }

    public void OnProgress(long doneBytes, long totalBytes)
    {
        options.ReplayProgress?.Invoke(doneBytes, totalBytes);
        if (Stopwatch.GetElapsedTime(_logged) < LogEvery)
            return;
        _logged = Stopwatch.GetTimestamp();
        Log.StoreReplayed(gate.Logger, doneBytes, totalBytes);
    }

    /// <summary>No number that was ever given is given again: the machine is told of the highest one's removal, unless that job is alive.</summary>
    public void SkipIdsUpTo(JobId highest)
    {
        if (highest.Value > _highestAlive)
            gate.Machine.Step(JobServerInput.Replayed(_nowMs, new StoredRecord { Kind = StoredRecordKind.JobRemoved, Id = highest }), gate);
    }
}
