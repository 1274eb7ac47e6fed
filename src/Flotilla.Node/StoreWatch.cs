using Flotilla.JobServer;
using Flotilla.JobServer.Core;

namespace Flotilla.Node;

/// <summary>
/// Whether the store takes records, for <c>/health</c>. A failure is forgotten after a while even without a success: a server that gets
/// no jobs because it looks ill would never get well.
/// </summary>
internal sealed class StoreWatch(TimeProvider time) : IJobServerObserver
{
    private static readonly TimeSpan Memory = TimeSpan.FromSeconds(30);

    private volatile Tuple<long, string>? _failure;

    /// <summary>Why the store failed lately; null when it did not.</summary>
    public string? Failure => _failure is { } failure && time.GetElapsedTime(failure.Item1) < Memory ? failure.Item2 : null;

    public ulong Kinds => 0;

    public void Report(in JobServerEvent happened)
    {
        // Jobs are none of its business.
    }

    public void StoreCommitted(int records, long bytes, TimeSpan elapsed) => _failure = null;

    public void StoreFailed(int records, string reason) => _failure = Tuple.Create(time.GetTimestamp(), reason);
}
