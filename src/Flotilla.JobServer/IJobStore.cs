using Flotilla.JobServer.Core;

namespace Flotilla.JobServer;

/// <summary>
/// Keeps background jobs over restarts. One caller: the server calls <see cref="OpenAsync"/> once, then <see cref="CommitAsync"/> one
/// batch at a time, then disposes. How to write one: docs/guides/writing-a-job-store.md.
/// </summary>
/// <remarks>
/// The promises, each of them checked by the contract tests that every store runs:
/// <list type="bullet">
/// <item>A batch that was answered for is durable in full: power may fail the moment after.</item>
/// <item>A batch that threw is durable in no part that a later <see cref="OpenAsync"/> reports. The store undoes it explicitly before
/// it throws; only if nothing at all could be written to undo it, and the process ends before anything can, may it come back.</item>
/// <item>After a batch that threw, the store goes on with the next one or throws again; nothing durable is lost by a failure.</item>
/// <item>Records are applied in order. Removals, retries, burials and firings of an id that is gone change nothing.</item>
/// <item>The server in its turn gives an id once: its first record is its addition, which no second one follows.</item>
/// </list>
/// A store may do its work on the caller's thread before it returns: the server calls it from a thread of its own.
/// </remarks>
public interface IJobStore : IAsyncDisposable
{
    /// <summary>For logs and <c>/health</c>: what it is and where.</summary>
    string Description { get; }

    /// <summary>
    /// The highest id that any committed record ever had, also when its job is long gone; 0 for a new store. Valid after
    /// <see cref="OpenAsync"/>. Ids of jobs that were never stored are not in it.
    /// </summary>
    JobId HighestId { get; }

    /// <summary>
    /// Opens or creates the store and reports what lives in it, see <see cref="IJobStoreReplay"/>. Throws
    /// <see cref="JobStoreException"/> when the store is in use, damaged or out of reach; nothing was changed then, and another instance may try.
    /// </summary>
    ValueTask OpenAsync(IJobStoreReplay replay, CancellationToken cancellationToken);

    /// <summary>
    /// Makes all records of the batch durable, in order, before it completes. Throws <see cref="JobStoreException"/> when it can't. The
    /// token is looked at before anything is written, never in between.
    /// </summary>
    ValueTask CommitAsync(JobStoreBatch batch, CancellationToken cancellationToken);
}
