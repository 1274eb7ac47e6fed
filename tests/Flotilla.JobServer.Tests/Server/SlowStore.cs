using Flotilla.JobServer.Core;

namespace Flotilla.JobServer.Tests.Server;

/// <summary>Another store behind a gate, closed at first: what came is committed when it opens.</summary>
internal sealed class SlowStore(IJobStore inner) : IJobStore
{
    private volatile TaskCompletionSource _gate = Make();
    private volatile TaskCompletionSource _held = Make();

    /// <summary>Completes when a commit stands before the gate.</summary>
    public Task Held => _held.Task;

    public int LargestBatchBytes { get; private set; }

    public string Description => "slow " + inner.Description;

    public JobId HighestId => inner.HighestId;

    public void GoOn() => _gate.TrySetResult();

    public void Hold()
    {
        _held = Make();
        _gate = Make();
    }

    public ValueTask OpenAsync(IJobStoreReplay replay, CancellationToken cancellationToken) => inner.OpenAsync(replay, cancellationToken);

    public async ValueTask CommitAsync(JobStoreBatch batch, CancellationToken cancellationToken)
    {
        _held.TrySetResult();
        await _gate.Task;
        LargestBatchBytes = Math.Max(LargestBatchBytes, batch.LengthBytes);
        await inner.CommitAsync(batch, cancellationToken);
    }

    public ValueTask DisposeAsync() => inner.DisposeAsync();

    private static TaskCompletionSource Make() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
