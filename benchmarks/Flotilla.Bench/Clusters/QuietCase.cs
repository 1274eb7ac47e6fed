using System.Globalization;
using Flotilla.Bench.Jobs;

namespace Flotilla.Bench.Clusters;

/// <summary>What nodes and guards take while nothing happens.</summary>
internal static class QuietCase
{
    private const double TicksPerSecond = 100;
    private const int PageKb = 4;

    /// <summary>After the start: the runtime compiles what is hot.</summary>
    private static readonly TimeSpan s_settling = TimeSpan.FromSeconds(20);

    public static async Task<IReadOnlyList<ClusterFigure>> RunAsync(FlotillaCluster cluster, TimeSpan length)
    {
        await cluster.UntilReadyAsync();
        await Task.Delay(s_settling);
        var (nodes, guards) = (cluster.NodeProcesses.ToList(), cluster.GuardProcesses.ToList());
        var before = nodes.Concat(guards).ToDictionary(process => process, CpuSeconds);
        await Task.Delay(length);
        var percent = before.ToDictionary(one => one.Key, one => 100 * (CpuSeconds(one.Key) - one.Value) / length.TotalSeconds);
        return
        [
            new("quiet", cluster.Name, "memory of a node, the largest of three, MB", nodes.Max(MemoryMb), Target.AtMost(100)),
            new("quiet", cluster.Name, "a node's share of a core, the largest of three, %", nodes.Max(node => percent[node]), Target.AtMost(3)),
            new("quiet", cluster.Name, "memory of a guard, the largest of three, MB", guards.Max(MemoryMb)),
            new("quiet", cluster.Name, "a guard's share of a core, the largest of three, %", guards.Max(guard => percent[guard])),
        ];
    }

    // Behind the name, which may have blanks in it: the state is field 3.
    private static string[] Fields(int process) => File.ReadAllText($"/proc/{process}/stat") is var text ? text[(text.LastIndexOf(')') + 2)..].Split(' ') : [];

    private static double CpuSeconds(int process)
        => Fields(process) is var fields ? (double.Parse(fields[11], CultureInfo.InvariantCulture) + double.Parse(fields[12], CultureInfo.InvariantCulture)) / TicksPerSecond : 0;

    private static double MemoryMb(int process) => double.Parse(Fields(process)[21], CultureInfo.InvariantCulture) * PageKb / 1024;
}
