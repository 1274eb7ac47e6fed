using System.Globalization;

namespace Flotilla.TestSupport.Fuzz;

/// <summary>How long and how hard. The defaults are those of a run of all tests; a night's run sets the environment.</summary>
public sealed record FuzzOptions
{
    /// <summary>Inputs to try. Default a million.</summary>
    public int Inputs { get; init; } = 1_000_000;

    /// <summary>Ends the run earlier. Default 20 s; the variable FLOTILLA_FUZZ_SECONDS sets another and lifts the limit on inputs.</summary>
    public TimeSpan Budget { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Where the randomness starts; default by the target's name, or FLOTILLA_FUZZ_SEED. A crash names it.</summary>
    public ulong? Seed { get; init; }

    /// <summary>Inputs are never longer than this.</summary>
    public int MaxInputBytes { get; init; } = 4096;

    /// <summary>An input that makes the target allocate more than this is a crash: a promised length must not reserve memory.</summary>
    public long MaxAllocatedBytes { get; init; } = 1024 * 1024;

    /// <summary>An input that keeps the target busy this long is a crash: it hangs.</summary>
    public TimeSpan Stall { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Where a crashing input is written; default <c>.artifacts/fuzz</c> of the checkout.</summary>
    public string CrashFolder { get; init; } = Repository.Combine(".artifacts", "fuzz");

    /// <summary>Whether the environment may change these options. Default true.</summary>
    public bool FollowsEnvironment { get; init; } = true;

    /// <summary>These options with what the environment says.</summary>
    public FuzzOptions WithEnvironment()
    {
        var result = this;
        if (!FollowsEnvironment)
            return result;
        if (Environment.GetEnvironmentVariable("FLOTILLA_FUZZ_SECONDS") is { Length: > 0 } seconds)
            result = result with { Budget = TimeSpan.FromSeconds(double.Parse(seconds, CultureInfo.InvariantCulture)), Inputs = int.MaxValue };
        if (Environment.GetEnvironmentVariable("FLOTILLA_FUZZ_SEED") is { Length: > 0 } seed)
            result = result with { Seed = ulong.Parse(seed, CultureInfo.InvariantCulture) };
        return result;
    }
}
