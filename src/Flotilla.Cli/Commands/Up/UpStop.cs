using Flotilla.Cli.Hosting;
using Flotilla.Cli.Rendering;

namespace Flotilla.Cli.Commands.Up;

/// <summary>Stops a cluster on one machine: asks first, and kills what does not end.</summary>
internal static class UpStop
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(100);

    /// <summary>False when nothing ran.</summary>
    public static async Task<bool> RunAsync(IConsole console, UpFolder folder, CancellationToken cancellationToken)
    {
        if (folder.Processes.Count == 0)
            return false;
        await using var progress = new ProgressLine(console, "stopping nodes and servers");
        // The keeper stops the nodes, the nodes their servers. What has lost its parent is asked itself.
        if (folder.Keeper is { } keeper)
            UnixProcesses.Signal(keeper, UnixProcesses.Terminate);
        else
            Signal(folder.NodeProcesses, UnixProcesses.Terminate);
        await UntilGoneAsync(() => [.. folder.Keeper is { } alive ? [alive] : Array.Empty<int>(), .. folder.NodeProcesses]);
        Signal(folder.DatabaseServers, UnixProcesses.Terminate);
        await UntilGoneAsync(() => folder.DatabaseServers);
        Signal(folder.Guards, UnixProcesses.Kill);
        await UntilGoneAsync(() => folder.Processes);
        return true;

        async Task UntilGoneAsync(Func<IReadOnlyList<int>> processes)
        {
            var begun = console.Clock.GetTimestamp();
            while (processes() is { Count: > 0 } left)
            {
                if (console.Clock.GetElapsedTime(begun) > s_patience)
                    Signal(left, UnixProcesses.Kill);
                await Task.Delay(s_look, console.Clock, cancellationToken);
            }
        }
    }

    private static void Signal(IReadOnlyList<int> processes, int number)
    {
        foreach (var process in processes)
            UnixProcesses.Signal(process, number);
    }
}
