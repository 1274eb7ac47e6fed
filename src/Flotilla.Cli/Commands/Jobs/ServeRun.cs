using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Flotilla.Cli.Gearmand;
using Flotilla.Cli.Hosting;
using Flotilla.Cli.Rendering;
using Flotilla.JobServer;
using Flotilla.Node;

namespace Flotilla.Cli.Commands.Jobs;

/// <summary>The server's life: start, say where it listens, wait for a signal, drain, stop.</summary>
internal sealed class ServeRun(IConsole console, ServeSettings settings)
{
    /// <summary>Not among .NET's names; raw numbers are allowed.</summary>
    private const PosixSignal User1 = (PosixSignal)10;

    public async Task<ExitCode> RunAsync(CancellationToken cancellationToken)
    {
        using var loggers = ServeLog.Create(settings, console);
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
        await using var node = await StartAsync(loggers, cancellationToken);
        // Not sooner: who fails to start must not take the file of the one that runs.
        using var pidFile = settings.PidFile is { } path ? PidFile.Create(path) : null;
        Announce(node);
        await using (cancellationToken.UnsafeRegister(static state => ((TaskCompletionSource)state!).TrySetResult(), stopped))
            await Task.WhenAny(stopped.Task, node.Server.Completion);
        if (node.Server.Completion.IsCompleted)
            await node.Server.Completion;
        await StopAsync(node);
        return ExitCode.Ok;
    }

    private async Task<JobNode> StartAsync(ServeLog loggers, CancellationToken cancellationToken)
    {
        await using var progress = new ProgressLine(console, "starting");
        var options = settings.Node with
        {
            JobServer = settings.Node.JobServer with
            {
                ReplayProgress = (done, total) => progress.Report("reading the store", total > 0 ? (double)done / total : null),
                Time = console.Clock,
            },
        };
        try
        {
            return await JobNode.StartAsync(options, loggers, cancellationToken: cancellationToken);
        }
        catch (SocketException failure)
        {
            throw InUse(failure, failure.SocketErrorCode);
        }
        catch (IOException failure) when (failure.InnerException is not null)
        {
            throw InUse(failure, (failure.InnerException?.InnerException as SocketException)?.SocketErrorCode);
        }
        catch (JobStoreException failure)
        {
            throw new CliException(
                ExitCode.Failed, $"the job store can't be opened: {failure.Message}", "Name another place with --store-path, or keep nothing with --store memory.");
        }
    }

    private CliException InUse(Exception failure, SocketError? error)
    {
        var places = settings.Node.JobServer.Listeners.Select(listener => $"{listener.EndPoint} ({listener.Protocol})")
            .Concat(settings.Node.Management.Listen.Select(endpoint => $"{endpoint} (management)"));
        return new CliException(
            ExitCode.Failed,
            $"can't listen on one of {string.Join(", ", places)}: {failure.Message}",
            error is null or SocketError.AddressAlreadyInUse
                ? "Another server may run there. Choose other places with --listen, --http and --management, or 'none' for the last two."
                : null);
    }

    private void Announce(JobNode node)
    {
        var listeners = settings.Node.JobServer.Listeners;
        var places = node.Server.Endpoints.Select((endpoint, at) => (Kind: KindOf(listeners[at]), Text: Describe(endpoint, listeners[at]))).ToList();
        places.AddRange(node.ManagementEndpoints.Select(endpoint => ("management", $"http://{endpoint}")));
        if (settings.AsJson)
        {
            console.Output.WriteLine(JsonText.Object(writer =>
            {
                writer.WriteNumber("pid", Environment.ProcessId);
                foreach (var kind in (string[])["gearman", "gearmanTls", "http", "management"])
                {
                    writer.WriteStartArray(kind);
                    foreach (var place in places.Where(place => place.Kind == kind))
                        writer.WriteStringValue(place.Text);
                    writer.WriteEndArray();
                }
            }));
            return;
        }

        console.Output.WriteLine($"flotilla {Program.Version} serves jobs");
        foreach (var (kind, text) in places)
            console.Output.WriteLine($"  {(kind == "gearmanTls" ? "gearman tls" : kind),-12} {text}");
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

    private static string KindOf(JobServerListener listener)
        => listener.Protocol == JobServerProtocol.Http ? "http" : listener.Tls is null ? "gearman" : "gearmanTls";

    private static string Describe(EndPoint endpoint, JobServerListener listener)
    {
        var text = endpoint is UnixDomainSocketEndPoint ? $"unix:{endpoint}" : endpoint.ToString()!;
        return listener.Protocol == JobServerProtocol.Http ? $"http://{text}" : text;
    }
}
