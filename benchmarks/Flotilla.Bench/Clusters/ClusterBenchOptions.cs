namespace Flotilla.Bench.Clusters;

/// <summary>What `./bench cluster` does.</summary>
internal sealed record ClusterBenchOptions
{
    public const string Flotilla = "flotilla";
    public const string Galera = "galera";
    public const string Mha = "mha";

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

    /// <summary>Only systems of these names; empty for all.</summary>
    public IReadOnlyList<string> Systems { get; init; } = [];

    public string? Json { get; init; }

    /// <summary>A folder to work in that is left as it is at the end.</summary>
    public string? Keep { get; init; }

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
            Systems = arguments.TakeFlag("--alone") ? [Flotilla] : arguments.TakeValues("--system"),
            Json = arguments.TakeValue("--json"),
            Keep = arguments.TakeValue("--keep"),
        };
    }

    public bool Wants(string name) => Only.Count == 0 || Only.Contains(name, StringComparer.Ordinal);

    public bool WantsSystem(string name) => Systems.Count == 0 || Systems.Contains(name, StringComparer.Ordinal);
}
