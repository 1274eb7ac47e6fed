namespace Flotilla.Bench.Clusters;

/// <summary>What `./bench cluster` does.</summary>
internal sealed record ClusterBenchOptions
{
    /// <summary>Faults of each kind on our cluster.</summary>
    public int Runs { get; init; } = 3;

    /// <summary>And on the others'.</summary>
    public int RivalRuns { get; init; } = 1;

    /// <summary>Interleaved runs of sysbench.</summary>
    public int LoadRuns { get; init; } = 1;

    public TimeSpan LoadLength { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long the cost of doing nothing is looked at.</summary>
    public TimeSpan Quiet { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Only cases of these names; empty for all.</summary>
    public IReadOnlyList<string> Only { get; init; } = [];

    public bool WithoutRivals { get; init; }

    public string? Json { get; init; }

    public static ClusterBenchOptions Take(BenchArguments arguments)
    {
        var options = (arguments.TakeFlag("--quick"), arguments.TakeFlag("--full")) switch
        {
            (false, false) => new ClusterBenchOptions(),
            (true, false) => new ClusterBenchOptions { Runs = 1, Quiet = TimeSpan.FromSeconds(15), LoadLength = TimeSpan.FromSeconds(5) },
            (false, true) => new ClusterBenchOptions { Runs = 20, RivalRuns = 5, LoadRuns = 9 },
            (true, true) => throw new BenchUsageException("--quick or --full, not both"),
        };
        return options with
        {
            Runs = arguments.TakeCount("--runs") ?? options.Runs,
            RivalRuns = arguments.TakeCount("--rival-runs") ?? options.RivalRuns,
            LoadRuns = arguments.TakeCount("--load-runs") ?? options.LoadRuns,
            Only = arguments.TakeValues("--only"),
            WithoutRivals = arguments.TakeFlag("--alone"),
            Json = arguments.TakeValue("--json"),
        };
    }

    public bool Wants(string name) => Only.Count == 0 || Only.Contains(name, StringComparer.Ordinal);
}
