using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Flotilla.Bench.Jobs;

namespace Flotilla.Bench.Sandboxes;

/// <summary>`./bench sandbox`: how long a user waits for a primary with two replicas that say Yes/Yes.</summary>
internal static class SandboxBench
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerOptions.Web) { WriteIndented = true };
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    /// <summary>True when every target was met.</summary>
    public static async Task<bool> RunAsync(SandboxBenchOptions options)
    {
        var folder = Directory.CreateTempSubdirectory("flotilla-bench-").FullName;
        var (cold, warm) = (new List<double>(), new List<double>());
        try
        {
            for (var run = 1; run <= options.Runs; run++)
            {
                if (Directory.Exists(Path.Combine(folder, ".templates")))
                    Directory.Delete(Path.Combine(folder, ".templates"), recursive: true);
                cold.Add(await OnceAsync(folder));
                warm.Add(await OnceAsync(folder));
                Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  run {run} of {options.Runs}: {cold[^1]:0.00} s cold, {warm[^1]:0.00} s with a template"));
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        Figure[] figures =
        [
            new("sandbox 1+2", "seconds, cold", null, Median.Of(cold, one => one), Target.AtMost(8)),
            new("sandbox 1+2", "seconds, cached template", null, Median.Of(warm, one => one), Target.AtMost(3)),
        ];
        Write(figures, options);
        return figures.All(figure => figure.IsMet);
    }

    /// <summary>The program from its start to its end: it ends when every replica has said Yes/Yes. Deleting is not counted.</summary>
    private static async Task<double> OnceAsync(string folder)
    {
        try
        {
            var watch = Stopwatch.StartNew();
            await FlotillaAsync(folder, "create", "bench", "--topology", "replication", "--nodes", "3", "--version", "mariadb");
            var seconds = watch.Elapsed.TotalSeconds;
            await FlotillaAsync(folder, "status", "bench");
            return seconds;
        }
        finally
        {
            await FlotillaAsync(folder, "delete", "bench", "--yes");
        }
    }

    private static async Task FlotillaAsync(string folder, params string[] arguments)
    {
        var program = Repository.Combine("src", "Flotilla.Cli", "bin", "Release", "net10.0", "flotilla");
        var start = new ProcessStartInfo(program, ["sandbox", .. arguments, "--root", folder])
        {
            UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync().WaitAsync(Patience);
        if (process.ExitCode != 0)
            throw new BenchException($"flotilla sandbox {string.Join(' ', arguments)} ended with {process.ExitCode}: {await errors}{await output}");
    }

    private static void Write(IReadOnlyList<Figure> figures, SandboxBenchOptions options)
    {
        if (options.Json is { } path)
        {
            File.WriteAllText(path, JsonSerializer.Serialize(
                new { processors = Environment.ProcessorCount, options.Runs, figures = figures.Select(one => new { one.Case, one.Name, one.Flotilla, Target = $"{one.Target}", Met = one.IsMet }) },
                Json) + "\n");
        }

        Console.WriteLine($"{Environment.ProcessorCount} processors; median of {options.Runs}");
        Console.WriteLine("| case | figure | flotilla | target | met |");
        Console.WriteLine("|---|---|--:|---|---|");
        foreach (var one in figures)
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {one.Case} | {one.Name} | {one.Flotilla:0.00} | {one.Target} | {(one.IsMet ? "yes" : "NO")} |"));
    }
}
