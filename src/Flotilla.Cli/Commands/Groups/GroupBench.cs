using System.Diagnostics;
using System.Globalization;
using Flotilla.Cli.Hosting;
using Flotilla.Groups;
using Flotilla.Groups.Core;

namespace Flotilla.Cli.Commands.Groups;

/// <summary>A cluster on this machine for as long as it is measured: this process is one node, the others are processes of the same program.</summary>
internal sealed class GroupBench : IAsyncDisposable
{
    private const string Name = "bench";

    /// <summary>Sends under way at once when throughput is measured.</summary>
    private const int Outstanding = 256;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("flotilla-group-bench-");
    private readonly List<Process> _others = [];
    private GroupNode? _node;
    private Group? _group;

    public static async Task<GroupBench> StartAsync(int nodes, bool onDisk, IConsole console, CancellationToken cancellationToken)
    {
        var bench = new GroupBench();
        try
        {
            await bench.BeginAsync(nodes, onDisk, cancellationToken);
            console.Error.WriteLine($"{nodes} nodes, logs {(onDisk ? "on disk below " + bench._folder.FullName : "in memory")}; measured at a node that {(bench.IsSequencer ? "sequences" : "does not sequence")}");
            return bench;
        }
        catch
        {
            await bench.DisposeAsync();
            throw;
        }
    }

    private bool IsSequencer => _node!.View!.Sequencer == _node.Id.Node;

    /// <summary>Microseconds from the send to its delivery here, one after the other.</summary>
    public async Task<(long P50, long P99)> LatencyAsync(Delivery delivery, int size, int count, CancellationToken cancellationToken)
    {
        var body = new byte[size];
        var times = new double[count];
        for (var i = -count / 10; i < count; i++)
        {
            var began = Stopwatch.GetTimestamp();
            await _group!.SendAsync(body, delivery, cancellationToken);
            if (i >= 0)
                times[i] = Stopwatch.GetElapsedTime(began).TotalMicroseconds;
        }

        Array.Sort(times);
        return ((long)times[count / 2], (long)times[(int)(count * 0.99)]);
    }

    /// <summary>Messages a second with many under way.</summary>
    public async Task<long> ThroughputAsync(Delivery delivery, int size, int count, CancellationToken cancellationToken)
    {
        var body = new byte[size];
        var left = count;
        var began = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, Outstanding).Select(_ => SendAsync()));
        return (long)(count / Stopwatch.GetElapsedTime(began).TotalSeconds);

        async Task SendAsync()
        {
            while (Interlocked.Decrement(ref left) >= 0)
                await _group!.SendAsync(body, delivery, cancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_node is not null)
            await _node.DisposeAsync();
        foreach (var other in _others)
        {
            other.Kill();
            await other.WaitForExitAsync();
            other.Dispose();
        }

        _folder.Delete(recursive: true);
    }

    private async Task BeginAsync(int nodes, bool onDisk, CancellationToken cancellationToken)
    {
        // The first sequences; a node that does not is the common case, so this one comes later.
        var seed = nodes > 1 ? await StartOtherAsync("node1", null, onDisk, cancellationToken) : null;
        _node = await GroupNode.StartAsync(
            new GroupOptions
            {
                Name = "this",
                Seeds = seed is null ? [] : [seed],
                Founding = seed is null ? Founding.Alone : Founding.Never,
                DataDirectory = onDisk ? Path.Combine(_folder.FullName, "this") : null,
            },
            cancellationToken);
        for (var number = 2; number < nodes; number++)
            await StartOtherAsync(string.Create(CultureInfo.InvariantCulture, $"node{number}"), seed, onDisk, cancellationToken);
        _group = _node.Group(Name);
        await _group.JoinAsync(cancellationToken);
        await _node.UntilViewAsync(view => view.Members.Count(member => member.Role == MemberRole.Voter) >= nodes - (nodes > 2 && nodes % 2 == 0 ? 1 : 0), cancellationToken);
    }

    /// <summary>Starts another node and returns its address.</summary>
    private async Task<string> StartOtherAsync(string name, string? seed, bool onDisk, CancellationToken cancellationToken)
    {
        List<string> arguments = ["group", "run", name, "--listen", "127.0.0.1:0", "--group", Name];
        if (seed is not null)
            arguments.AddRange(["--seed", seed]);
        if (onDisk)
            arguments.AddRange(["--data", Path.Combine(_folder.FullName, name)]);
        var program = Environment.ProcessPath!;
        if (Path.GetFileNameWithoutExtension(program) != "flotilla")
            (program, arguments) = ("dotnet", [Path.Combine(AppContext.BaseDirectory, "flotilla.dll"), .. arguments]);
        var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true, RedirectStandardOutput = true, UseShellExecute = false })!;
        _others.Add(process);
        _ = process.StandardOutput.ReadToEndAsync(cancellationToken);
        var line = await process.StandardError.ReadLineAsync(cancellationToken);
        _ = process.StandardError.ReadToEndAsync(cancellationToken);
        return line?.Split(" listens on ") is [_, var address] ? address : throw new CliException(ExitCode.Failed, $"{name} did not start: {line}");
    }
}
