namespace Flotilla.Gearman;

/// <summary>
/// Does a job and returns its result. Throw <see cref="JobFailedException"/> to fail the job, <see cref="JobFaultException"/> to choose the
/// bytes of its exception; any other exception is reported as the worker's options say.
/// </summary>
/// <param name="job">The job; its payload is valid until the handler ends.</param>
/// <param name="cancellationToken">
/// Fires when the result is of no use any more: cancelled at the server, timed out, connection lost, worker stopped.
/// </param>
/// <returns>
/// The result, any bytes. It belongs to the worker from then on and is sent without copying when large; a part of the job's payload is allowed.
/// </returns>
public delegate ValueTask<ReadOnlyMemory<byte>> JobHandler(GearmanJobContext job, CancellationToken cancellationToken);
