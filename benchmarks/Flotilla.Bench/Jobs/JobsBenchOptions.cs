using System.Globalization;

namespace Flotilla.Bench.Jobs;

/// <summary>What `./bench jobs` was told.</summary>
internal sealed record JobsBenchOptions
{
    /// <summary>Runs per case and server; the median counts.</summary>
    public int Runs { get; init; } = 5;

    /// <summary>Smaller backlogs.</summary>
    public bool IsQuick { get; init; }

    /// <summary>Names of cases; empty for all.</summary>
    public IReadOnlyList<string> Only { get; init; } = [];

    /// <summary>File for the figures, `-` for standard output, null for none.</summary>
    public string? Json { get; init; }

    /// <summary>Only name the cases.</summary>
    public bool ListOnly { get; init; }

    public static JobsBenchOptions? Parse(string[] arguments, out string problem)
    {
        var options = new JobsBenchOptions();
        problem = "";
        for (var at = 0; at < arguments.Length; at++)
        {
            var value = at + 1 < arguments.Length ? arguments[at + 1] : "";
            switch (arguments[at])
            {
                case "--quick":
                    options = options with { IsQuick = true, Runs = 1 };
                    continue;
                case "--list":
                    options = options with { ListOnly = true };
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
}
