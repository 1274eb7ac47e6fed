using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Flotilla.Cli.Commands.Jobs;
using Flotilla.Cli.Gearmand;
using Flotilla.Cli.Hosting;
using Flotilla.Cli.Rendering;
using Flotilla.Cluster.Hosting;
using Flotilla.Deployment;
using Flotilla.Gearman;
using Flotilla.Groups.Storage;
using Flotilla.JobServer;
using Flotilla.Node;
using Flotilla.Sandbox;

namespace Flotilla.Cli.Commands.Nodes;

/// <summary>A node's life: start, say where it listens, wait for a signal or for its end, stop.</summary>
/// <param name="console">The world.</param>
/// <param name="options">The whole configuration, with a cluster.</param>
/// <param name="log">Where it logs, and what.</param>
/// <param name="stopServersWithin">How long the host's servers have to stop with it; null to leave them running.</param>
/// <param name="asJson">Whether the addresses are told as JSON.</param>
internal sealed class NodeRun(IConsole console, NodeOptions options, LogSettings log, TimeSpan? stopServersWithin, bool asJson)
{
    public async Task<ExitCode> RunAsync(CancellationToken cancellationToken)
    {
        using var loggers = ServeLog.Create(log, console);
        using var hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, context =>
        {
            context.Cancel = true;
            loggers.Reopen();
        });
        await using var hookJobs = new HookJobs();
        await using var cluster = await StartClusterAsync(loggers, hookJobs, cancellationToken);
        await using var jobs = await JobNodeStart.StartAsync(console, options, loggers, cluster, cancellationToken);
        hookJobs.Server = Own(jobs);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var working = WorkAsync(jobs, cluster, loggers, ending.Token);
        var givingBack = StartLeftovers.GiveBackAsync(console.Clock, ending.Token);
        using var pidFile = log.PidFile is { } path ? PidFile.Create(path) : null;
        Announce(cluster, jobs);

        // Jobs that can't be served are no reason to give a database up: only the cluster's end is the node's.
        var stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using (cancellationToken.UnsafeRegister(static state => ((TaskCompletionSource)state!).TrySetResult(), stopped))
            await Task.WhenAny(stopped.Task, cluster.Completion);
        var failure = cancellationToken.IsCancellationRequested ? null : cluster.Completion.Exception?.GetBaseException() ?? new InvalidOperationException("it left the group");
        await StopAsync(cluster, jobs, isTold: failure is null);
        await ending.CancelAsync();
        await working;
        await givingBack;
        return failure is null ? ExitCode.Ok : throw new CliException(ExitCode.Failed, $"the node can't go on: {failure.Message}", "The log says more. Start it again; its servers wait for it as long as the lease allows.");
    }

    private async Task<ClusterNode> StartClusterAsync(ServeLog loggers, HookJobs hookJobs, CancellationToken cancellationToken)
    {
        var cluster = options.Cluster! with { Logger = loggers.CreateLogger("Flotilla.Cluster"), RunJob = hookJobs.RunAsync };
        try
        {
            return await ClusterNode.StartAsync(cluster, cancellationToken);
        }
        catch (SocketException failure)
        {
            var lines = cluster.Lines is { } endpoint ? $" or {endpoint} (lines)" : "";
            throw new CliException(
                ExitCode.Failed,
                $"can't listen on {cluster.Listen} (nodes){lines}: {failure.Message}",
                failure.SocketErrorCode == SocketError.AddressAlreadyInUse ? "Another node may run there. Choose other places with cluster.listen and cluster.lines." : null);
        }
        catch (StorageException failure)
        {
            throw new CliException(ExitCode.Failed, $"the folder {cluster.DataFolder} can't be used: {failure.Message}", "Another node may use it, or it belongs to another user. Nothing was changed in it.");
        }
    }

    /// <summary>The host's worker, until the end; what keeps it from working is no reason to end.</summary>
    private async Task WorkAsync(JobNode jobs, ClusterNode cluster, ServeLog loggers, CancellationToken cancellationToken)
    {
        if (options.HostWorker is not { } role)
            return;
        try
        {
            IReadOnlyList<GearmanAddress> servers = role.JobServers.Count > 0 ? [.. role.JobServers.Select(GearmanAddress.Parse)] : Own(jobs) is { } own ? [own] : [];
            if (servers.Count == 0)
                return;
            var listen = options.Cluster!.Listen.Address;
            await using var worker = await HostWorker.CreateAsync(
                new HostWorkerOptions
                {
                    Name = HostName.Parse(cluster.Name.ToString()),
                    Servers = servers,
                    Secret = role.SecretFile is { } file ? SecretFile.Read(file) : options.JobServer.SharedSecret,
                    Root = role.Root ?? SandboxRoot.DefaultFolder,
                    Address = role.Address is { } address ? IPAddress.Parse(address) : listen.Equals(IPAddress.Any) || listen.Equals(IPAddress.IPv6Any) ? OwnAddress.Towards(servers) : listen,
                    Basedirs = role.Basedirs.Count > 0 ? role.Basedirs : null,
                    LoggerFactory = loggers,
                    TimeProvider = console.Clock,
                },
                cancellationToken);
            await worker.RunAsync(cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Told to end.
        }
        catch (Exception failure)
        {
            var known = Failures.Find(failure)?.Message ?? failure.ToString();
            Log.HostWorkerFailed(loggers.CreateLogger("Flotilla.Node"), known);
        }
    }

    /// <summary>This node's own job server: the first place where it speaks Gearman without TLS.</summary>
    private static GearmanAddress? Own(JobNode jobs)
    {
        var listeners = jobs.Options.JobServer.Listeners;
        var endpoint = jobs.Server.Endpoints.Where((_, at) => listeners[at] is { Protocol: JobServerProtocol.Gearman, Tls: null }).FirstOrDefault();
        return endpoint is null ? null : GearmanAddress.Parse(Reachable(endpoint));

        static string Reachable(EndPoint endpoint) => endpoint switch
        {
            UnixDomainSocketEndPoint => $"unix:{endpoint}",
            IPEndPoint { Address: var address } any when address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any) => new IPEndPoint(IPAddress.Loopback, any.Port).ToString(),
            _ => endpoint.ToString()!,
        };
    }

    private void Announce(ClusterNode cluster, JobNode jobs)
    {
        var places = JobNodePlaces.Of(jobs);
        if (asJson)
        {
            console.Output.WriteLine(JsonText.Object(writer =>
            {
                writer.WriteNumber("pid", Environment.ProcessId);
                writer.WriteString("node", cluster.Name.ToString());
                writer.WriteString("cluster", options.Cluster!.Name);
                writer.WriteString("nodes", cluster.Address);
                JobNodePlaces.Write(writer, places);
            }));
            return;
        }

        console.Output.WriteLine($"flotilla {Program.Version}: node {cluster.Name} of cluster {options.Cluster!.Name}");
        console.Output.WriteLine($"  {"nodes",-12} {cluster.Address}");
        JobNodePlaces.Write(console.Output, places);
        foreach (var server in options.Cluster!.Servers)
            console.Output.WriteLine($"  {"server",-12} {server.Name} at {server.Host}:{server.Port}, {server.Folder}{(server.Supervise == Supervision.Watch ? ", only watched" : "")}");
        if (console.IsOutputTerminal)
            console.Output.WriteLine(stopServersWithin is null ? "stop with Ctrl-C; the servers go on" : "stop with Ctrl-C, servers too");
    }

    private async Task StopAsync(ClusterNode cluster, JobNode jobs, bool isTold)
    {
        // A node that failed is to be started again soon: its servers have no other, and nobody told them to stop.
        await using var progress = new ProgressLine(console, isTold ? "handing the primary over" : "stopping");
        // Jobs may take longer than whoever told the node waits before he kills it.
        if (isTold)
            await cluster.GiveWayAsync();
        if (isTold)
            progress.Report("waiting for running jobs", null);
        await jobs.StopAsync(drain: isTold, CancellationToken.None);
        if (!isTold)
            return;
        if (stopServersWithin is { } within)
        {
            progress.Report("stopping the servers", null);
            await cluster.StopWithServersAsync(within);
        }
        else
        {
            await cluster.StopAsync();
        }
    }
}
