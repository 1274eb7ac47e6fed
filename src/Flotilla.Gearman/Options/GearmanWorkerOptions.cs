namespace Flotilla.Gearman;

/// <summary>How a <see cref="GearmanWorker"/> works.</summary>
public sealed record GearmanWorkerOptions : GearmanOptions
{
    /// <summary>Jobs that may run at once in all. Default: the number of processors; at least 1.</summary>
    public int MaxConcurrency { get; init; } = Environment.ProcessorCount;

    /// <summary>Name shown by the server's <c>workers</c> command. Default: machine name and process id. No white space, at most 127 bytes.</summary>
    public string ClientId { get; init; } = $"{Environment.MachineName}-{Environment.ProcessId}";

    /// <summary>What clients learn of an exception that a handler did not catch. Default <see cref="ExceptionDetail.Message"/>.</summary>
    public ExceptionDetail ExceptionDetail { get; init; } = ExceptionDetail.Message;

    /// <summary>How long <see cref="GearmanWorker.RunAsync"/> waits for running jobs when it is told to stop. Default 30 s; zero or more.</summary>
    public TimeSpan DrainTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Jobs that may be asked for at once on one connection while there is work and room to run it. Default 16; 1 to 1024. More hides the
    /// way to the server and back, fewer leaves more for other workers.
    /// </summary>
    public int MaxGrabs { get; init; } = 16;

    /// <summary>
    /// Cancels the token of running jobs when their connection is lost: the server has given them to another worker. Default true.
    /// </summary>
    public bool CancelJobsOnConnectionLoss { get; init; } = true;

    /// <summary>
    /// Called for each job whose result can't be delivered any more. On a thread of the worker: return quickly. Default none.
    /// </summary>
    public Action<JobLoss>? OnJobLost { get; init; }

    public override IEnumerable<string> Problems()
    {
        foreach (var problem in base.Problems())
            yield return problem;
        if (MaxConcurrency < 1)
            yield return "MaxConcurrency must be at least 1";
        if (DrainTimeout < TimeSpan.Zero)
            yield return "DrainTimeout must not be negative";
        if (MaxGrabs is < 1 or > 1024)
            yield return "MaxGrabs must be 1 to 1024";
        if (ClientId.Length == 0 || ClientId.Any(c => char.IsWhiteSpace(c) || char.IsControl(c)) || System.Text.Encoding.UTF8.GetByteCount(ClientId) > 127)
            yield return "ClientId must be 1 to 127 bytes without white space";
    }
}
