using System.Text;

namespace Flotilla.Gearman;

/// <summary>
/// A job to be done. The payload is sent as it stands, large ones without copying: its owner must not change it until the call has ended
/// (after a cancelled call: not any more).
/// </summary>
public sealed record JobRequest
{
    /// <summary>The protocol's limit for unique keys.</summary>
    public const int MaxUniqueBytes = 64;

    /// <summary>What gearmand's receive buffer takes; Flotilla's server takes 512 bytes.</summary>
    private const int MaxFunctionBytes = 8190;

    public JobRequest(string function, ReadOnlyMemory<byte> payload)
    {
        Function = function;
        Payload = payload;
    }

    /// <summary>Which function; 1 to 8190 bytes of UTF-8 without a zero byte (a server may allow fewer).</summary>
    public string Function { get; init; }

    /// <summary>The worker's input, any bytes.</summary>
    public ReadOnlyMemory<byte> Payload { get; init; }

    /// <summary>
    /// Jobs of the same function and unique key are one job while it exists. Up to 64 bytes of UTF-8. Empty (default): never shared.
    /// <c>-</c>: the payload is the key.
    /// </summary>
    public string Unique { get; init; } = "";

    public JobPriority Priority { get; init; } = JobPriority.Normal;

    /// <summary>For reduce jobs: the function that puts the parts together; the worker is told its name. Default none.</summary>
    public string? Reducer { get; init; }

    /// <summary>How long to wait for a foreground job. Default: for ever. Afterwards <see cref="GearmanTimeoutException"/>.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>
    /// When the wait for a foreground job ends early (cancelled, timed out), the server is told to cancel the job. Default false: it is
    /// only not waited for any more.
    /// </summary>
    public bool CancelWhenAbandoned { get; init; }

    internal void Validate()
    {
        RequireName(Function, MaxFunctionBytes, nameof(Function));
        if (Unique.Length > 0)
            RequireName(Unique, MaxUniqueBytes, nameof(Unique));
        if (Reducer is not null)
            RequireName(Reducer, MaxFunctionBytes, nameof(Reducer));
        if (Reducer is not null && Priority != JobPriority.Normal)
            throw new GearmanOptionsException(["reduce jobs have normal priority"]);
        if (Timeout is { } timeout && timeout <= TimeSpan.Zero)
            throw new GearmanOptionsException(["Timeout must be more than zero"]);
    }

    internal static void RequireName(string name, int maxBytes, string what)
    {
        if (string.IsNullOrEmpty(name) || name.Contains('\0') || Encoding.UTF8.GetByteCount(name) > maxBytes)
            throw new ArgumentException($"must be 1 to {maxBytes} bytes without a zero byte", what);
    }
}
