using System.Globalization;
using System.Text.Json;

namespace Flotilla.Bench.Clusters;

/// <summary>The figures as a table for people and as JSON for programs.</summary>
internal static class ClusterReport
{
    private static readonly JsonSerializerOptions s_json = new(JsonSerializerOptions.Web) { WriteIndented = true };

    public static void Write(IReadOnlyList<ClusterFigure> figures, IReadOnlyList<OutageFigure> outages, ClusterBenchOptions options)
    {
        if (options.Json is { } path)
        {
            File.WriteAllText(path, JsonSerializer.Serialize(
                new
                {
                    processors = Environment.ProcessorCount,
                    options.Runs,
                    options.RivalRuns,
                    options.LoadRuns,
                    outages = outages.Select(one => new
                    {
                        fault = $"{one.Fault}", one.System, one.P50Ms, one.MaxMs, one.Lost, one.Acknowledged, one.RedundantSeconds, one.ByHand, runsMs = one.Runs.Select(run => Math.Round(run.OutageMs)),
                        targetP50Ms = one.P50Target?.Limit, targetMaxMs = one.MaxTarget?.Limit, met = one.P50Target is null ? (bool?)null : one.IsMet,
                    }),
                    figures = figures.Select(one => new { one.Case, one.System, one.Name, one.Value, target = one.Target?.ToString(), met = one.Target is null ? (bool?)null : one.IsMet }),
                },
                s_json) + "\n");
        }

        Console.WriteLine($"{Environment.ProcessorCount} processors, shared by servers, nodes and clients; {options.Runs} runs of flotilla, {options.RivalRuns} of the others; sysbench: median of {options.LoadRuns}");
        if (outages.Count > 0)
            WriteOutages(outages);
        if (figures.Count == 0)
            return;
        Console.WriteLine("\n| case | system | figure | | target | met |");
        Console.WriteLine("|---|---|---|--:|---|---|");
        foreach (var one in figures)
            Console.WriteLine($"| {one.Case} | {one.System} | {one.Name} | {Number(one.Value)} | {one.Target} | {Met(one.Target is not null, one.IsMet)} |");
    }

    private static void WriteOutages(IReadOnlyList<OutageFigure> outages)
    {
        Console.WriteLine("| fault | system | outage p50, ms | max, ms | acknowledged | lost | all three again, s | by hand | target | met |");
        Console.WriteLine("|---|---|--:|--:|--:|--:|--:|---|---|---|");
        foreach (var one in outages)
        {
            var target = one is { P50Target: { } p50, MaxTarget: { } max } ? $"{p50}, {max}" : "";
            Console.WriteLine(
                $"| {Words(one.Fault)} | {one.System} | {Number(one.P50Ms)} | {Number(one.MaxMs)} | {Number(one.Acknowledged)} | {one.Lost} | {(one.RedundantSeconds is { } seconds ? Number(seconds) : "")} | {one.ByHand} | {target} | {Met(target.Length > 0, one.IsMet)} |");
        }
    }

    private static string Words(Fault fault) => fault switch
    {
        Fault.Kill => "kill -9 of mariadbd",
        Fault.Hang => "mariadbd hangs (SIGSTOP)",
        Fault.Cut => "host cut off",
        Fault.Switchover => "switchover",
        _ => throw new ArgumentOutOfRangeException(nameof(fault)),
    };

    private static string Met(bool hasTarget, bool isMet) => !hasTarget ? "" : isMet ? "yes" : "NO";

    private static string Number(double value) => value switch
    {
        double.NaN => "failed",
        >= 100 => value.ToString("#,0", CultureInfo.InvariantCulture),
        _ => value.ToString("0.##", CultureInfo.InvariantCulture),
    };
}
