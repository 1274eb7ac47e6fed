using System.Text;
using Flotilla.JobServer.Core;

namespace Flotilla.JobServer.Telemetry;

/// <summary>What was counted for one function since the server started. Written under the machine's lock, read by anyone.</summary>
public sealed class FunctionCounters(ReadOnlySpan<byte> name)
{
    private static readonly int Kinds = Enum.GetValues<JobServerEventKind>().Length;

    private readonly byte[] _name = name.ToArray();
    private readonly long[] _counts = new long[Kinds];

    /// <summary>The function's name; bytes that are no UTF-8 become replacement characters.</summary>
    public string Name { get; } = Encoding.UTF8.GetString(name);

    public LatencyHistogram Waiting { get; } = new(LatencyHistogram.JobBoundsMs);

    public LatencyHistogram Running { get; } = new(LatencyHistogram.JobBoundsMs);

    public long Count(JobServerEventKind kind) => Volatile.Read(ref _counts[(int)kind]);

    internal bool HasCounted => _counts.AsSpan().ContainsAnyExcept(0L);

    internal bool IsNamed(ReadOnlySpan<byte> name) => name.SequenceEqual(_name);

    internal void Add(in JobServerEvent happened)
    {
        ref var count = ref _counts[(int)happened.Kind];
        Volatile.Write(ref count, count + 1);
        if (happened.Kind == JobServerEventKind.JobStarted)
            Waiting.Record(happened.WaitedMs);
        else if (happened.Kind is JobServerEventKind.JobCompleted or JobServerEventKind.JobFailed or JobServerEventKind.JobTimedOut)
            Running.Record(happened.RanMs);
    }
}
