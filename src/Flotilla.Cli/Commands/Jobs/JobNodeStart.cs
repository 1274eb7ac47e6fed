using System.Net.Sockets;
using Flotilla.Cli.Hosting;
using Flotilla.Cli.Rendering;
using Flotilla.Cluster.Management;
using Flotilla.JobServer;
using Flotilla.Node;
using Microsoft.Extensions.Logging;

namespace Flotilla.Cli.Commands.Jobs;

/// <summary>Starts a job node, with progress while its store is read, and says why when it can't.</summary>
internal static class JobNodeStart
{
    /// <exception cref="CliException">It can't be started like this.</exception>
    public static async Task<JobNode> StartAsync(IConsole console, NodeOptions options, ILoggerFactory loggers, IManagedCluster? cluster, CancellationToken cancellationToken)
    {
        await using var progress = new ProgressLine(console, "starting");
        options = options with
        {
            JobServer = options.JobServer with
            {
                ReplayProgress = (done, total) => progress.Report("reading the store", total > 0 ? (double)done / total : null),
                Time = console.Clock,
            },
        };
        try
        {
            return await JobNode.StartAsync(options, loggers, cluster, cancellationToken);
        }
        catch (SocketException failure)
        {
            throw InUse(options, failure, failure.SocketErrorCode);
        }
        catch (IOException failure) when (failure.InnerException is not null)
        {
            throw InUse(options, failure, (failure.InnerException?.InnerException as SocketException)?.SocketErrorCode);
        }
        catch (JobStoreException failure)
        {
            throw new CliException(
                ExitCode.Failed, $"the job store can't be opened: {failure.Message}", "Name another place with --store-path, or keep nothing with --store memory.");
        }
    }

    private static CliException InUse(NodeOptions options, Exception failure, SocketError? error)
    {
        var places = options.JobServer.Listeners.Select(listener => $"{listener.EndPoint} ({listener.Protocol})")
            .Concat(options.Management.Listen.Select(endpoint => $"{endpoint} (management)"));
        return new CliException(
            ExitCode.Failed,
            $"can't listen on one of {string.Join(", ", places)}: {failure.Message}",
            error is null or SocketError.AddressAlreadyInUse
                ? "Another server may run there. Choose other places with --listen, --http and --management, or 'none' for the last two."
                : null);
    }
}
