namespace Flotilla.Bench.Groups;

/// <summary>What `./bench groups` was told.</summary>
internal sealed record GroupsBenchOptions
{
    /// <summary>The cut link stays cut for so long.</summary>
    public int CutMs { get; init; } = 10_000;

    public int FloodMs { get; init; } = 4_000;

    public int LatencyCount { get; init; } = 5_000;

    /// <summary>Runs per figure and system; the median counts.</summary>
    public int Runs { get; init; } = 3;

    /// <summary>Only the cases of these names; empty for all.</summary>
    public IReadOnlyList<string> Only { get; init; } = [];

    public bool WithoutCorosync { get; init; }

    public string? Json { get; init; }

    public static GroupsBenchOptions Take(BenchArguments arguments)
    {
        var options = (arguments.TakeFlag("--quick"), arguments.TakeFlag("--full")) switch
        {
            (false, false) => new GroupsBenchOptions(),
            (true, false) => new GroupsBenchOptions { Runs = 1, FloodMs = 2_000, LatencyCount = 2_000, CutMs = 5_000 },
            (false, true) => new GroupsBenchOptions { Runs = 5, CutMs = 40_000, LatencyCount = 20_000 },
            (true, true) => throw new BenchUsageException("--quick or --full, not both"),
        };
        return options with
        {
            Runs = arguments.TakeCount("--runs") ?? options.Runs,
            Only = arguments.TakeValues("--only"),
            WithoutCorosync = arguments.TakeFlag("--alone"),
            Json = arguments.TakeValue("--json"),
        };
    }

    public bool Wants(string name) => Only.Count == 0 || Only.Contains(name, StringComparer.Ordinal);
}
