namespace Flotilla.Gearman;

/// <summary>How a worker does one function.</summary>
public sealed record FunctionOptions
{
    /// <summary>
    /// Jobs of this function that may run at once. Default null: only <see cref="GearmanWorkerOptions.MaxConcurrency"/> counts. A function
    /// with a limit has a connection of its own to each server: the protocol knows no other way to ask for some functions only.
    /// </summary>
    public int? MaxConcurrency { get; init; }

    /// <summary>
    /// After this long the server gives the job to another worker, and right after the handler's token fires (CAN_DO_TIMEOUT). Default
    /// none; 1 ms to 24 days. gearmand takes a second at least, and forgets the timer when the connection asks for another job meanwhile:
    /// there also set <see cref="MaxConcurrency"/> to 1.
    /// </summary>
    public TimeSpan? Timeout { get; init; }

    internal void Validate()
    {
        if (MaxConcurrency < 1)
            throw new GearmanOptionsException(["MaxConcurrency must be at least 1"]);
        if (Timeout is { } timeout && (timeout < TimeSpan.FromMilliseconds(1) || timeout.TotalMilliseconds > int.MaxValue))
            throw new GearmanOptionsException(["Timeout must be 1 ms to 24 days"]);
    }
}
