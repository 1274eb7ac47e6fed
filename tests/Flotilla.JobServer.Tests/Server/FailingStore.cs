using Flotilla.JobServer.Core;

namespace Flotilla.JobServer.Tests.Server;

/// <summary>Keeps nothing, and says no while it is full.</summary>
internal sealed class FailingStore : IJobStore
{
    public volatile bool IsFull;

    public string Description => "a store that may be full";

    public JobId HighestId => default;

    public ValueTask OpenAsync(IJobStoreReplay replay, CancellationToken cancellationToken) => default;

    public ValueTask CommitAsync(JobStoreBatch batch, CancellationToken cancellationToken)
        => IsFull ? ValueTask.FromException(new JobStoreException("the disk is full")) : default;

    public ValueTask DisposeAsync() => default;
}
