using Flotilla.Bench.Clusters;
using Flotilla.Bench.Databases;
using Flotilla.Bench.Groups;
using Flotilla.Bench.Jobs;
using Flotilla.Bench.Micro;
using Flotilla.Bench.Sandboxes;

namespace Flotilla.Bench;

/// <summary>`./bench`: what is measured, and how the process ends.</summary>
internal static class Program
{
    private const int Missed = 1;
    private const int WrongUsage = 64;

    private const string Help = """
        usage: ./bench jobs [--quick] [--runs N] [--only CASE]... [--json FILE] [--list]
               ./bench groups [--quick | --full] [--runs N] [--only CASE]... [--alone] [--json FILE]
               ./bench cluster [--quick | --full] [--runs N] [--rival-runs N] [--load-runs N] [--only CASE]... [--alone | --system NAME]... [--json FILE] [--keep FOLDER]
               ./bench mysql [--quick] [--runs N]
               ./bench sandbox [--runs N] [--json FILE]
               ./bench micro [BenchmarkDotNet arguments]

          jobs     our job server beside C gearmand, by a neutral load generator in C, with the targets
                   --quick   one run per case instead of the median of five, and smaller backlogs
                   --runs    so many runs per case
                   --only    only the case of that name; may be repeated
                   --json    writes the figures into a file too ('-' for standard output instead of the table)
                   --list    names the cases
          groups   groups of three processes beside corosync's, in networks of their own (needs root), with the targets
                   --quick   one run instead of the median of three, and a link cut for 5 s instead of 10
                   --full    five runs, and a link cut for 40 s
                   --runs    so many runs
                   --only    only latency, durable, throughput, kill or cut; may be repeated
                   --alone   without corosync
                   --json    writes the figures into a file too
          cluster  outages that a writing client sees, beside Galera and MHA, and what nodes cost; hosts are networks of their own (needs root), with the targets
                   --quick   one run of each fault instead of three, and shorter
                   --full    20 runs of each fault, five of the others', nine of sysbench: more than an hour
                   --runs    so many faults of each kind on our cluster
                   --rival-runs, --load-runs  so many on the others', so many runs of sysbench
                   --only    only kill, hang, cut, switchover, quiet or load; may be repeated
                   --alone   without Galera and MHA
                   --system  only flotilla, galera or mha; may be repeated
                   --json    writes the figures into a file too
                   --keep    works in that folder and leaves it, with all logs, as it is
          mysql    our MySQL client beside libmariadb, on one MariaDB server, with the targets
                   --quick   one run of each instead of the median of five, and shorter
                   --runs    so many runs of each
          sandbox  a primary and two replicas from nothing to Yes/Yes, by the command line: with and without a cached template
                   --runs    so many times each, default 5; the median counts
          micro    micro benchmarks of parsers, the job machine and records; e.g. ./bench micro --filter '*Machine*'

        Exit codes: 0 all targets met; 1 a target was missed; 64 wrong usage.
        docs/performance.md says how each figure is measured.
        """;

    private static async Task<int> Main(string[] arguments)
    {
        try
        {
            return await RunAsync(arguments);
        }
        catch (BenchUsageException problem)
        {
            return Wrong(problem.Message);
        }
        catch (BenchException problem)
        {
            Console.Error.WriteLine(problem.Message);
            return Missed;
        }
    }

    private static async Task<int> RunAsync(string[] arguments)
    {
        var rest = new BenchArguments(arguments.Skip(1));
        switch (arguments.FirstOrDefault())
        {
            case "jobs":
                var jobs = JobsBenchOptions.Take(rest);
                rest.RequireNothingLeft();
                return await JobsBench.RunAsync(jobs) ? 0 : Missed;
            case "groups":
                var groups = GroupsBenchOptions.Take(rest);
                rest.RequireNothingLeft();
                return await GroupsBench.RunAsync(groups) ? 0 : Missed;
            case "cluster":
                var cluster = ClusterBenchOptions.Take(rest);
                rest.RequireNothingLeft();
                return await ClusterBench.RunAsync(cluster, arguments) ? 0 : Missed;
            case GroupProbe.Verb:
                return await GroupProbe.RunAsync(arguments[1..]);
            case "mysql":
                var (runs, seconds) = rest.TakeFlag("--quick") ? (1, 1.0) : (5, 3.0);
                runs = rest.TakeCount("--runs") ?? runs;
                rest.RequireNothingLeft();
                return await MySqlBench.RunAsync(runs, seconds) ? 0 : Missed;
            case "sandbox":
                var sandbox = SandboxBenchOptions.Take(rest);
                rest.RequireNothingLeft();
                return await SandboxBench.RunAsync(sandbox) ? 0 : Missed;
            case "micro":
                MicroBenchmarks.Run(arguments[1..]);
                return 0;
            case "-h" or "--help":
                Console.WriteLine(Help);
                return 0;
            default:
                return Wrong(arguments.Length == 0 ? "what shall be measured?" : $"there is no '{arguments[0]}'");
        }
    }

    private static int Wrong(string problem)
    {
        Console.Error.WriteLine(problem);
        Console.Error.WriteLine(Help);
        return WrongUsage;
    }
}
