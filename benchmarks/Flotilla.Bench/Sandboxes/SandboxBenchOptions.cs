namespace Flotilla.Bench.Sandboxes;

/// <summary>What `./bench sandbox` was told.</summary>
/// <param name="Runs">Times each case is run; the median counts.</param>
/// <param name="Json">File for the figures; null for none.</param>
internal sealed record SandboxBenchOptions(int Runs, string? Json)
{
    public static SandboxBenchOptions Take(BenchArguments arguments) => new(arguments.TakeCount("--runs") ?? 5, arguments.TakeValue("--json"));
}
