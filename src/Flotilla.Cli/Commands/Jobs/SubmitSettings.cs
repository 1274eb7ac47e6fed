using Flotilla.Gearman;

namespace Flotilla.Cli.Commands.Jobs;

/// <summary>What <c>jobs submit</c> was asked for.</summary>
internal sealed record SubmitSettings
{
    public required string Function { get; init; }

    /// <summary>The payload itself; null when it comes from <see cref="File"/> or standard input.</summary>
    public string? Payload { get; init; }

    public string? File { get; init; }

    public string Unique { get; init; } = "";

    public JobPriority Priority { get; init; }

    public string? Reducer { get; init; }

    public bool IsBackground { get; init; }

    /// <summary>When it is due; null for now.</summary>
    public DateTimeOffset? Due { get; init; }

    public bool IsPerLine { get; init; }

    /// <summary>Jobs under way at once, of those made from lines.</summary>
    public int Parallel { get; init; } = 1;

    public TimeSpan? Timeout { get; init; }

    public bool AsJson { get; init; }

    public JobRequest ToRequest(ReadOnlyMemory<byte> payload) => new(Function, payload)
    {
        Unique = Unique,
        Priority = Priority,
        Reducer = Reducer,
        Timeout = Timeout,
    };
}
