using System.Runtime.InteropServices;
using Flotilla.Cli.Gearmand;
using Flotilla.Cli.Hosting;
using Flotilla.Cli.Rendering;
using Flotilla.Node;

namespace Flotilla.Cli.Commands.Jobs;

/// <summary>The server's life: start, say where it listens, wait for a signal, drain, stop.</summary>
internal sealed class ServeRun(IConsole console, ServeSettings settings)
{
    /// <summary>Not among .NET's names; raw numbers are allowed.</summary>
    private const PosixSignal User1 = (PosixSignal)10;

    public async Task<ExitCode> RunAsync(CancellationToken cancellationToken)
    {
        using var loggers = ServeLog.Create(settings.Log, console);
        using var hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, context =>
        {
            context.Cancel = true;
            loggers.Reopen();
        });
        var stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var graceful = PosixSignalRegistration.Create(User1, context =>
        {
            context.Cancel = true;
            stopped.TrySetResult();
        });
        await using var node = await JobNodeStart.StartAsync(console, settings.Node, loggers, cluster: null, cancellationToken);
        // Not sooner: who fails to start must not take the file of the one that runs.
        using var pidFile = settings.Log.PidFile is { } path ? PidFile.Create(path) : null;
        Announce(node);
        await using (cancellationToken.UnsafeRegister(static state => ((TaskCompletionSource)state!).TrySetResult(), stopped))
            await Task.WhenAny(stopped.Task, node.Server.Completion);
        if (node.Server.Completion.IsCompleted)
            await node.Server.Completion;
        await StopAsync(node);
        return ExitCode.Ok;
    }

    private void Announce(JobNode node)
    {
        var places = JobNodePlaces.Of(node);
        if (settings.AsJson)
        {
            console.Output.WriteLine(JsonText.Object(writer =>
            {
                writer.WriteNumber("pid", Environment.ProcessId);
                JobNodePlaces.Write(writer, places);
            }));
            return;
        }

        console.Output.WriteLine($"flotilla {Program.Version} serves jobs");
        JobNodePlaces.Write(console.Output, places);
        console.Output.WriteLine($"  {"store",-12} {settings.Node.Store.Kind.ToString().ToLowerInvariant()}");
        if (console.IsOutputTerminal)
            console.Output.WriteLine("stop with Ctrl-C; again to stop without waiting for running jobs");
    }

    /// <summary>Waits for running jobs; a second signal ends the process at once.</summary>
    private async Task StopAsync(JobNode node)
    {
        await using var progress = new ProgressLine(console, "waiting for running jobs");
        await node.StopAsync(drain: true, CancellationToken.None);
    }
}
