using System.Globalization;

namespace Flotilla.Bench.Sandboxes;

/// <summary>What `./bench sandbox` was told.</summary>
/// <param name="Runs">Times each case is run; the median counts.</param>
/// <param name="Json">File for the figures; null for none.</param>
internal sealed record SandboxBenchOptions(int Runs = 5, string? Json = null)
{
    public static SandboxBenchOptions? Parse(string[] arguments, out string problem)
    {
        var options = new SandboxBenchOptions();
        problem = "";
        for (var at = 0; at < arguments.Length; at += 2)
        {
            var value = at + 1 < arguments.Length ? arguments[at + 1] : "";
            if (arguments[at] == "--runs" && int.TryParse(value, CultureInfo.InvariantCulture, out var runs) && runs > 0)
                options = options with { Runs = runs };
            else if (arguments[at] == "--json" && value.Length > 0)
                options = options with { Json = value };
            else
                problem = $"cannot make sense of '{arguments[at]} {value}'";
        }

        return problem.Length == 0 ? options : null;
    }
}
