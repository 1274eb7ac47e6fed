namespace Flotilla.JobServer;

/// <summary>
/// Keeps background jobs over restarts. One caller: the server calls <see cref="OpenAsync"/> once, then <see cref="CommitAsync"/> one
/// batch at a time, then disposes. What a batch was answered for is durable; a batch that threw is durable in no part that a
/// later <see cref="OpenAsync"/> reports, and the store goes on with the next batch or throws again.
/// </summary>
public interface IJobStore : IAsyncDisposable
{
    /// <summary>For logs and <c>/health</c>: what it is and where.</summary>
    string Description { get; }

    /// <summary>Opens or creates the store and reports what lives in it: jobs in the order of their ids, then schedules, then settings.</summary>
    ValueTask OpenAsync(IJobStoreReplay replay, CancellationToken cancellationToken);

    /// <summary>Makes all records of the batch durable, in order, before it completes. Throws <see cref="JobStoreException"/> when it can't.</summary>
    ValueTask CommitAsync(JobStoreBatch batch, CancellationToken cancellationToken);
}
