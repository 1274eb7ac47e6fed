namespace Flotilla.JobServer.Telemetry;

/// <summary>Limits of what is measured. Immutable.</summary>
public sealed record TelemetryOptions
{
    /// <summary>
    /// Functions with labels of their own, 1 to 100,000, default 1,000: names come from peers, and every name is a set of time series for
    /// ever. Later functions are counted together under <see cref="OverflowLabel"/>.
    /// </summary>
    public int MaxFunctions { get; init; } = 1000;

    /// <summary>
    /// Jobs whose spans are open at once while somebody listens to the activity source, 0 to 10,000,000, default 100,000. Jobs beyond it
    /// get no span; each open one holds about 100 bytes.
    /// </summary>
    public int MaxOpenSpans { get; init; } = 100_000;

    /// <summary>The label of all functions beyond <see cref="MaxFunctions"/>.</summary>
    public const string OverflowLabel = "__other__";

    /// <summary>All that is wrong with these options; empty when nothing is.</summary>
    public IReadOnlyList<string> Validate()
    {
        List<string> problems = [];
        if (MaxFunctions is < 1 or > 100_000)
            problems.Add($"{nameof(MaxFunctions)} must be 1 to 100000, is {MaxFunctions}");
        if (MaxOpenSpans is < 0 or > 10_000_000)
            problems.Add($"{nameof(MaxOpenSpans)} must be 0 to 10000000, is {MaxOpenSpans}");
        return problems;
    }
}
