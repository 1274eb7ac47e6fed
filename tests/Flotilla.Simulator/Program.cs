using System.Diagnostics;
using System.Globalization;
using Flotilla.Simulation.Groups;
using Flotilla.Simulator;

if (Arguments.Read(args) is not { } arguments)
{
    Console.Error.WriteLine(Arguments.Usage);
    return 2;
}

if (arguments.Tells)
    GroupWorld.TellEverything();
var failed = 0;
var watch = Stopwatch.StartNew();
var fired = new SortedDictionary<string, long>(StringComparer.Ordinal);
var reports = new SeedReport?[arguments.Count];
var isPrinted = new bool[arguments.Count];
var next = -1;
var threads = Enumerable.Range(0, Math.Min(arguments.Threads, arguments.Count)).Select(_ => new Thread(Work, 16 << 20)).ToList();
threads.ForEach(thread => thread.Start());
threads.ForEach(thread => thread.Join());
Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{arguments.Count} seeds, {failed} failed, {watch.ElapsedMilliseconds} ms, {watch.ElapsedMilliseconds / (double)arguments.Count:0.0} ms each"));
if (arguments.Count > 1 && !arguments.PrintsHashes)
{
    foreach (var (what, count) in fired)
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{count,12}  {what}"));
}

return failed == 0 ? 0 : 1;

void Work()
{
    for (var number = Interlocked.Increment(ref next); number < arguments.Count; number = Interlocked.Increment(ref next))
    {
        var report = Seeds.Run(arguments.IsCluster, arguments.Seed + (ulong)number, arguments.Mask, arguments.PlantedBug, isJudged: !arguments.PrintsHashes);
        lock (isPrinted)
            Take(number, report);
    }
}

void Take(int number, SeedReport report)
{
    if (report.Violations.Count > 0)
        failed++;
    foreach (var (what, count) in report.Fired)
        fired[what] = fired.GetValueOrDefault(what) + count;
    fired["events"] = fired.GetValueOrDefault("events") + report.Events;
    reports[number] = arguments.PrintsHashes || report.Violations.Count > 0 || arguments.Count == 1 ? report : report with { Tail = _ => [], Fired = new Dictionary<string, long>() };
    isPrinted[number] = true;
    if (arguments.PrintsHashes)
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{report.Seed} {report.EffectHash:x16}"));
    else if (report.Violations.Count > 0 || arguments.Count == 1)
        Print(report);
    reports[number] = null;
}

void Print(SeedReport report)
{
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"seed {report.Seed} effects {report.EffectHash:x16} events {report.Events} virtual {report.VirtualNs / 1_000_000} ms{(report.Violations.Count == 0 ? " ok" : " FAILED")}"));
    foreach (var violation in arguments.Count > 1 ? report.Violations.Take(2) : report.Violations)
        Console.WriteLine("  " + violation);
    if (arguments.Count > 1 && !arguments.ShowsTrace && !arguments.Shrinks)
        return;
    Console.WriteLine("  " + report.Parameters);
    for (var i = 0; i < report.Plan.Count; i++)
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  fault {i}{(arguments.Mask.Contains(i) ? " (left out)" : "")}: {report.Plan[i]}"));
    foreach (var line in report.Tail(arguments.ShowsTrace ? int.MaxValue : 40))
        Console.WriteLine(line);
    if (arguments.Shrinks && report.Violations.Count > 0)
        Shrink(report);
}

void Shrink(SeedReport report)
{
    var mask = new SortedSet<int>(arguments.Mask);
    var name = report.Violations[0].Split(':')[0];
    for (var i = 0; i < report.Plan.Count; i++)
    {
        if (!mask.Add(i))
            continue;
        if (!Seeds.Run(arguments.IsCluster, report.Seed, mask.ToHashSet(), arguments.PlantedBug).Violations.Any(violation => violation.StartsWith(name, StringComparison.Ordinal)))
            mask.Remove(i);
    }

    Console.WriteLine($"{name} still fails with --mask {string.Join(',', mask)}");
    for (var i = 0; i < report.Plan.Count; i++)
    {
        if (!mask.Contains(i))
            Console.WriteLine($"  needs {report.Plan[i]}");
    }
}
