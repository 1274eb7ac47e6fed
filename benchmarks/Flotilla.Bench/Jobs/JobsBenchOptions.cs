namespace Flotilla.Bench.Jobs;

/// <summary>What `./bench jobs` was told.</summary>
internal sealed record JobsBenchOptions
{
    /// <summary>Runs per case and server; the median counts.</summary>
    public required int Runs { get; init; }

    /// <summary>Smaller backlogs.</summary>
    public required bool IsQuick { get; init; }

    /// <summary>Names of cases; empty for all.</summary>
    public required IReadOnlyList<string> Only { get; init; }

    /// <summary>File for the figures, `-` for standard output, null for none.</summary>
    public required string? Json { get; init; }

    /// <summary>Only name the cases.</summary>
    public required bool ListOnly { get; init; }

    public static JobsBenchOptions Take(BenchArguments arguments)
    {
        var isQuick = arguments.TakeFlag("--quick");
        return new JobsBenchOptions
        {
            IsQuick = isQuick,
            Runs = arguments.TakeCount("--runs") ?? (isQuick ? 1 : 5),
            Only = arguments.TakeValues("--only"),
            Json = arguments.TakeValue("--json"),
            ListOnly = arguments.TakeFlag("--list"),
        };
    }
}
