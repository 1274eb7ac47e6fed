using System.Globalization;
using Flotilla.Chaos.Tests.World;
using Flotilla.TestSupport;

namespace Flotilla.Chaos.Tests.Checks;

/// <summary>All faults of all runs whose lines are kept in .artifacts/chaos, as a table.</summary>
internal static class OutageTable
{
    private static string Folder => Repository.Combine(".artifacts", "chaos");

    private static string Lines => Path.Combine(Folder, "outages.tsv");

    /// <summary>Whether this run has lines in it.</summary>
    public static bool IsNew { get; private set; }

    public static void Add(Outage outage)
    {
        IsNew = true;
        Directory.CreateDirectory(Folder);
        File.AppendAllText(Lines, outage.ToLine() + "\n");
    }

    /// <summary>Keeps what the cluster decided meanwhile.</summary>
    public static void Note(string fault, IEnumerable<Decided> decided)
    {
        Directory.CreateDirectory(Folder);
        File.AppendAllText(Path.Combine(Folder, "decisions.txt"), $"{fault}\n{string.Concat(decided.Select(one => $"  {one}\n"))}");
    }

    /// <summary>Writes and returns it; empty when there is nothing.</summary>
    public static string Write()
    {
        if (!File.Exists(Lines))
            return "";
        var table = Format(File.ReadLines(Lines).Select(Outage.Parse));
        File.WriteAllText(Path.Combine(Folder, "outages.md"), table);
        return table;
    }

    public static string Format(IEnumerable<Outage> outages)
    {
        List<string> lines = ["| fault | runs | rows acknowledged | lost | gap p50 | gap max | until all follow again | primaries made |", "|---|---|---|---|---|---|---|---|"];
        foreach (var fault in outages.GroupBy(outage => outage.Fault).OrderBy(fault => fault.Key, StringComparer.Ordinal))
        {
            var gaps = fault.SelectMany(outage => outage.GapsMs).Order().ToList();
            var (p50, max) = gaps.Count == 0 ? ("-", "-") : (Seconds(gaps[gaps.Count / 2]), Seconds(gaps[^1]));
            var promotions = fault.Select(outage => outage.Promotions).Order().ToList();
            var made = promotions[0] == promotions[^1] ? $"{promotions[0]}" : $"{promotions[0]}-{promotions[^1]}";
            lines.Add(string.Create(
                CultureInfo.InvariantCulture,
                $"| {fault.Key} | {fault.Count()} | {fault.Sum(outage => outage.Acknowledged)} | {fault.Sum(outage => outage.Lost)} | {p50} | {max} | {Seconds(fault.Max(outage => outage.FullMs))} | {made} |"));
        }

        return string.Join('\n', lines) + "\n";
    }

    private static string Seconds(int ms) => string.Create(CultureInfo.InvariantCulture, $"{ms / 1000.0:0.00} s");
}
