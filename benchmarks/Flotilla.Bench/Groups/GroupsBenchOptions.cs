using System.Globalization;

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

    public static GroupsBenchOptions? Parse(string[] arguments, out string problem)
    {
        var options = new GroupsBenchOptions();
        problem = "";
        for (var at = 0; at < arguments.Length; at++)
        {
            var value = at + 1 < arguments.Length ? arguments[at + 1] : "";
            switch (arguments[at])
            {
                case "--quick":
                    options = options with { Runs = 1, FloodMs = 2_000, LatencyCount = 2_000, CutMs = 5_000 };
                    continue;
                case "--full":
                    options = options with { Runs = 5, CutMs = 40_000, LatencyCount = 20_000 };
                    continue;
                case "--alone":
                    options = options with { WithoutCorosync = true };
                    continue;
                case "--runs" when int.TryParse(value, CultureInfo.InvariantCulture, out var runs) && runs > 0:
                    options = options with { Runs = runs };
                    break;
                case "--only" when value.Length > 0:
                    options = options with { Only = [.. options.Only, value] };
                    break;
                case "--json" when value.Length > 0:
                    options = options with { Json = value };
                    break;
                default:
                    problem = $"cannot make sense of '{arguments[at]} {value}'";
                    return null;
            }

            at++;
        }

        return options;
    }

    public bool Wants(string name) => Only.Count == 0 || Only.Contains(name, StringComparer.Ordinal);
}
