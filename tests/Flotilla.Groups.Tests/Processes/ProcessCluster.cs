using System.Diagnostics;
using System.Reflection;
using System.Text;
using Flotilla.Groups.Hosting;
using Flotilla.Simulation.Groups;
using Flotilla.TestSupport;
using Trace = Flotilla.Simulation.Groups.Trace;

namespace Flotilla.Groups.Tests.Processes;

/// <summary>Three processes in three network namespaces, and what they wrote down.</summary>
internal sealed class ProcessCluster : IAsyncDisposable
{
    public const int Nodes = 3;

    /// <summary>For things that take two suspicion times and a lease on an idle machine.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private readonly TempFolder _folder = new();
    private readonly Namespaces _namespaces;
    private readonly Process?[] _processes = new Process?[Nodes];
    private readonly List<TraceEvent> _events = [];
    private readonly long[] _readTo = new long[Nodes];
    private readonly bool _isProxied;
    private readonly int _suspectMs;
    private Process? _proxy;

    private ProcessCluster(int suspectMs, bool isProxied)
    {
        (_suspectMs, _isProxied) = (suspectMs, isProxied);
        World(-1, TraceKind.Expect, "loaded");
        _namespaces = new Namespaces([[AddressOf(0)], [AddressOf(1)], [AddressOf(2)], .. isProxied ? [[ProxyOf(0), ProxyOf(1), ProxyOf(2)]] : Array.Empty<string[]>()]);
    }

    /// <summary>Starts all, and waits until they are in one view and deliver.</summary>
    /// <param name="suspectMs">Short where members must go, long where they must not: other things keep machines busy.</param>
    /// <param name="isProxied">All bytes go through a <see cref="CutProxy"/>.</param>
    public static async Task<ProcessCluster> StartAsync(int suspectMs, bool isProxied = false)
    {
        Assert.SkipUnless(Namespaces.Missing is null, Namespaces.Missing ?? "");
        var cluster = new ProcessCluster(suspectMs, isProxied);
        try
        {
            if (isProxied)
            {
                cluster._proxy = cluster.Start(Nodes, ["proxy", .. Enumerable.Range(0, Nodes).Select(node => $"{ProxyOf(node)}:4740={AddressOf(node)}:4740")]);
                await cluster.ProxySaysAsync("ready");
            }

            for (var node = 0; node < Nodes; node++)
                cluster.StartNode(node);
            await cluster.TogetherAsync(0, 1, 2);
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    public void StartNode(int node)
    {
        var founders = string.Join(',', Enumerable.Range(0, Nodes).Select(PublicOf));
        Directory.CreateDirectory(FolderOf(node));
        _processes[node] = Start(node, ["node", node.ToString(), AddressOf(node) + ":4740", PublicOf(node), founders, FolderOf(node), _suspectMs.ToString()]);
    }

    public async Task KillAsync(int node)
    {
        var process = _processes[node]!;
        process.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
        _processes[node] = null;
        World(node, TraceKind.Crash, "kill");
    }

    public void Pause(int node)
    {
        World(node, TraceKind.Pause, null);
        Signal(node, "STOP");
    }

    public void Resume(int node)
    {
        World(node, TraceKind.Resume, null);
        Signal(node, "CONT");
    }

    public void Cut(int one, int other)
    {
        _namespaces.Cut(one, AddressOf(other));
        _namespaces.Cut(other, AddressOf(one));
        World(-1, TraceKind.Fault, $"no packets between p{one} and p{other}");
    }

    public void Mend(int one, int other)
    {
        _namespaces.Mend(one, AddressOf(other));
        _namespaces.Mend(other, AddressOf(one));
        World(-1, TraceKind.Fault, $"packets between p{one} and p{other} again");
    }

    public async Task CutOneWayAsync(int from, int to, bool isCut = true)
    {
        await _proxy!.StandardInput.WriteLineAsync($"{(isCut ? "cut" : "mend")} {from} {to}");
        await ProxySaysAsync("done");
        World(-1, TraceKind.Fault, $"{(isCut ? "nothing" : "bytes again")} from p{from} to p{to}");
    }

    /// <summary>Nobody may be removed in this test.</summary>
    public void ExpectCalm() => World(-1, TraceKind.Expect, "calm");

    /// <summary>Waits until these and no others are in one view, have the state, and deliver what each of them sends from now on.</summary>
    public async Task TogetherAsync(params int[] nodes)
    {
        var from = NodeClock.NowNs;
        await UntilAsync(trace => IsTogether(trace, nodes, from), $"{string.Join(", ", nodes.Select(node => "p" + node))} together");
    }

    /// <summary>Waits for so much time in which these go on delivering what all of them send.</summary>
    public async Task GoOnAsync(TimeSpan time, params int[] nodes)
    {
        var until = NodeClock.NowNs + (long)time.TotalNanoseconds;
        await UntilAsync(_ => NodeClock.NowNs > until, "time passes");
        await TogetherAsync(nodes);
    }

    public Task UntilAsync(Func<List<TraceEvent>, bool> condition, string what)
        => Deadline.UntilAsync(
            async () =>
            {
                await Task.Delay(50);
                var events = Read();
                Assert.DoesNotContain(events, happened => happened.Kind == TraceKind.Defect);
                return condition(events);
            },
            what,
            Patience);

    /// <summary>Whether a process wrote such a line.</summary>
    public bool Has(int node, TraceKind kind) => Read().Exists(happened => happened.Process == node && happened.Kind == kind);

    public async Task<ulong> EpochAsync()
    {
        await TogetherAsync(0, 1, 2);
        return Read().Where(happened => happened.Kind == TraceKind.View).Max(happened => happened.Epoch);
    }

    /// <summary>The index of the process that sequences.</summary>
    public int Sequencer()
    {
        var last = Read().Last(happened => happened.Kind == TraceKind.View).View!;
        return Enumerable.Range(0, Nodes).First(node => Read().Last(happened => happened.Process == node && happened.Kind == TraceKind.View).Member.Node == last.Sequencer);
    }

    /// <summary>Holds all that was written against every promise.</summary>
    public async Task CheckAsync()
    {
        foreach (var process in _processes)
        {
            process?.Kill();
        }

        foreach (var process in _processes)
        {
            if (process is not null)
                await process.WaitForExitAsync();
        }

        var trace = Trace.Read(Read().Select(happened => TraceLine.Write(happened)));
        var violations = Checker.Check(trace);
        Assert.True(violations.Count == 0, string.Join("\n", violations.Select(violation => violation.ToString()).Concat(Around(trace, violations))));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var process in _processes.Append(_proxy))
        {
            if (process is null)
                continue;
            if (!process.HasExited)
                process.Kill();
            await process.WaitForExitAsync();
            process.Dispose();
        }

        _namespaces.Dispose();
        _folder.Dispose();
    }

    private static IEnumerable<string> Around(Trace trace, IReadOnlyList<Violation> violations)
        => violations.Count == 0 ? [] : trace.Events.Skip(Math.Max(0, violations[0].Line - 60)).Take(80).Select(happened => TraceLine.Write(happened));

    private static string AddressOf(int node) => $"10.78.0.{node + 1}";

    private static string ProxyOf(int node) => $"10.78.0.{node + 101}";

    private static bool IsTogether(List<TraceEvent> events, int[] nodes, long fromNs)
    {
        var views = nodes.Select(node => events.FindLast(happened => happened.Process == node && happened.Kind == TraceKind.View)).ToList();
        if (views.Exists(view => view.View is null || view.Epoch != views[0].Epoch) || views[0].View!.Members.Length != nodes.Length
            || !views.TrueForAll(view => views[0].View!.Contains(view.Member)))
            return false;
        foreach (var node in nodes)
        {
            foreach (var from in views)
            {
                if (!events.Exists(happened => happened.Process == node && happened.Kind == TraceKind.Deliver && happened.AtNs > fromNs && happened.Member == from.Member && happened.Epoch == from.Epoch))
                    return false;
            }
        }

        return true;
    }

    private string PublicOf(int node) => (_isProxied ? ProxyOf(node) : AddressOf(node)) + ":4740";

    private string FolderOf(int node) => Path.Combine(_folder.Path, "n" + node.ToString());

    /// <summary>Takes in what the processes wrote since the last time; whole lines only.</summary>
    private List<TraceEvent> Read()
    {
        for (var node = 0; node < Nodes; node++)
        {
            var path = TraceNode.TracePath(FolderOf(node));
            if (!File.Exists(path))
                continue;
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            var bytes = new byte[file.Length - _readTo[node]];
            file.Position = _readTo[node];
            file.ReadExactly(bytes);
            var length = Array.LastIndexOf(bytes, (byte)'\n') + 1;
            _readTo[node] += length;
            _events.AddRange(Encoding.UTF8.GetString(bytes, 0, length).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(TraceLine.Read));
        }

        return _events;
    }

    private void World(int node, TraceKind kind, string? text)
        => _events.Add(new TraceEvent { AtNs = NodeClock.NowNs, Process = node, Kind = kind, Text = text });

    private void Signal(int node, string signal)
    {
        using var kill = Process.Start("kill", ["-" + signal, _processes[node]!.Id.ToString()]);
        kill.WaitForExit();
        Assert.Equal(0, kill.ExitCode);
    }

    private async Task ProxySaysAsync(string line) => Assert.Equal(line, await _proxy!.StandardOutput.ReadLineAsync().WaitAsync(Patience));

    private Process Start(int index, string[] child)
    {
        var start = new ProcessStartInfo("ip", ["netns", "exec", _namespaces.Name(index), "dotnet", "exec", Assembly.GetEntryAssembly()!.Location, "--child", .. child])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        return Process.Start(start)!;
    }
}
