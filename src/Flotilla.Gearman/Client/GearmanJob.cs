using Flotilla.Gearman.Client;

namespace Flotilla.Gearman;

/// <summary>A foreground job that a server has accepted. Thread-safe; its updates have one reader.</summary>
public sealed class GearmanJob
{
    private readonly GearmanClient _client;
    private readonly ForegroundJob _job;

    internal GearmanJob(GearmanClient client, ForegroundJob job)
    {
        _client = client;
        _job = job;
    }

    public JobHandle Handle => _job.Handle;

    /// <summary>
    /// The end of the job: its result, or <see cref="JobFaultException"/>, <see cref="JobFailedException"/>,
    /// <see cref="ConnectionLostException"/>, <see cref="GearmanTimeoutException"/>, <see cref="JobBufferOverflowException"/>.
    /// Data and warnings are among the updates, not in the result.
    /// </summary>
    public Task<JobResult> Completion => _job.Completion;

    /// <summary>
    /// Everything the job sends, in order, the last being <see cref="JobUpdateKind.Completed"/>. A failure ends it with the exception that
    /// <see cref="Completion"/> has. Updates wait here until taken, up to <see cref="GearmanClientOptions.MaxJobBufferBytes"/>;
    /// of progress in a row only the latest waits.
    /// </summary>
    public IAsyncEnumerable<JobUpdate> ReadUpdatesAsync(CancellationToken cancellationToken = default)
        => _job.ReadUpdatesAsync(cancellationToken);

    public Task<JobStatus> GetStatusAsync(CancellationToken cancellationToken = default)
        => _client.GetStatusAsync(Handle, cancellationToken);

    /// <summary>Asks the server to cancel the job; <see cref="Completion"/> then fails. False when the server does not know it any more.</summary>
    public Task<bool> CancelAsync(CancellationToken cancellationToken = default)
        => _client.CancelAsync(Handle, cancellationToken);

    /// <summary>Stops waiting: <see cref="Completion"/> is cancelled, and the server told when the request says so.</summary>
    public void Abandon() => _job.Abandon(new OperationCanceledException("the job was abandoned"));
}
