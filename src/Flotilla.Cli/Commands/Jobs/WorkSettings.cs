namespace Flotilla.Cli.Commands.Jobs;

/// <summary>What <c>jobs work</c> was asked for.</summary>
internal sealed record WorkSettings
{
    public required IReadOnlyList<string> Functions { get; init; }

    /// <summary>Program and arguments; empty prints workloads.</summary>
    public IReadOnlyList<string> Command { get; init; } = [];

    public int Concurrency { get; init; } = 1;

    /// <summary>Jobs after which to stop; null for never.</summary>
    public long? Count { get; init; }

    /// <summary>Per job; null for none.</summary>
    public TimeSpan? Timeout { get; init; }

    public TimeSpan DrainTimeout { get; init; } = TimeSpan.FromSeconds(30);

    public bool IsStreaming { get; init; }

    public bool ReadsProgress { get; init; }

    public bool ReportsExceptions { get; init; }

    public string? ClientId { get; init; }

    public bool IsVerbose { get; init; }

    public bool AsJson { get; init; }
}
