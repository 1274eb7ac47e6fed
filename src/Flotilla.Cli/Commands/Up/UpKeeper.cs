using System.Diagnostics;
using System.Globalization;
using Flotilla.Cli.Hosting;

namespace Flotilla.Cli.Commands.Up;

/// <summary>Keeps the nodes of a cluster on one machine running, as an init system does on a real host.</summary>
internal sealed class UpKeeper(IConsole console, UpFolder folder)
{
    /// <summary>A node that is back within its lease goes on with its server.</summary>
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan s_pauseMax = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_longEnough = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(200);

    private static string Program => Environment.ProcessPath ?? throw new PlatformNotSupportedException("this process does not know its program");

    /// <summary>Starts a keeper that outlives this process and its terminal.</summary>
    public static void Start(UpFolder folder)
    {
        var start = new ProcessStartInfo("/bin/sh", ["-c", "exec setsid \"$@\" </dev/null >>\"$0\" 2>&1", folder.KeeperLog, Program, "up", "--keep", "--folder", folder.Path]) { UseShellExecute = false };
        using var shell = Process.Start(start)!;
    }

    /// <summary>Until it is cancelled; then the nodes are stopped, servers too.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await Task.WhenAll(UpFolder.Nodes.Select(node => KeepAsync(node, cancellationToken)));
    }

    private async Task KeepAsync(string node, CancellationToken cancellationToken)
    {
        var pause = s_pause;
        try
        {
            while (true)
            {
                var begun = console.Clock.GetTimestamp();
                await LiveAsync(node, cancellationToken);
                pause = console.Clock.GetElapsedTime(begun) >= s_longEnough ? s_pause : TimeSpan.FromTicks(Math.Min(pause.Ticks * 2, s_pauseMax.Ticks));
                Say($"node {node} ended; it is started again in {pause.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture)} s");
                await Task.Delay(pause, console.Clock, cancellationToken);
            }
        }
        catch (OperationCanceledException)
        {
            // Told to stop.
        }

        if (folder.NodeProcess(node) is not { } process)
            return;
        UnixProcesses.Signal(process, UnixProcesses.Terminate);
        await UntilGoneAsync(node, CancellationToken.None);
    }

    /// <summary>A node's life: one that runs already, or a new one.</summary>
    private async Task LiveAsync(string node, CancellationToken cancellationToken)
    {
        if (folder.NodeProcess(node) is not null)
        {
            Say($"node {node} runs already");
            await UntilGoneAsync(node, cancellationToken);
            return;
        }

        using var process = Process.Start(new ProcessStartInfo(Program, ["node", "--config", folder.ConfigOf(node), "--stop-servers", "--log-file", folder.LogOf(node)]) { UseShellExecute = false })!;
        await process.WaitForExitAsync(cancellationToken);
    }

    private async Task UntilGoneAsync(string node, CancellationToken cancellationToken)
    {
        while (folder.NodeProcess(node) is not null)
            await Task.Delay(s_look, console.Clock, cancellationToken);
    }

    private void Say(string text) => console.Output.WriteLine($"{console.Clock.GetLocalNow().ToString("yyyy-MM-dd HH:mm:ss.fff", CultureInfo.InvariantCulture)} {text}");
}
