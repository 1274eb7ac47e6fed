using System.Net;
using Flotilla.Cluster.Management;
using Flotilla.JobServer;
using Flotilla.JobServer.Core;
using Flotilla.JobServer.Telemetry;
using Flotilla.JobServer.Telemetry.Hooks;
using Flotilla.Node.Management;
using Flotilla.Node.Results;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Flotilla.Node;

/// <summary>
/// One process's roles put together: a job server with its store, what is measured of it, hooks, and management over HTTP. Members are
/// thread-safe.
/// </summary>
public sealed class JobNode : IAsyncDisposable
{
    private readonly List<EventHook> _hooks = [];
    private readonly JobActivities _activities;
    private readonly JobServerMeter _meter;
    private readonly StoreWatch _storeWatch;
    private readonly ILoggerFactory _loggers;
    private readonly IManagedCluster? _cluster;
    private HttpClient? _hookClient;
    private JobServerHost? _server;
    private ManagementServer? _management;

    private JobNode(NodeOptions options, ILoggerFactory loggers, IManagedCluster? cluster)
    {
        Options = options;
        _cluster = cluster;
        _loggers = loggers;
        var time = options.JobServer.Time;
        Telemetry = new JobServerTelemetry(options.Telemetry, time);
        Results = new ResultCache(options.Results, time);
        _activities = new JobActivities(options.Telemetry, time);
        _meter = new JobServerMeter(Telemetry, Snapshot);
        _storeWatch = new StoreWatch(time);
    }

    public NodeOptions Options { get; }

    /// <summary>The job server, for what this class does not wrap.</summary>
    public JobServerHost Server => _server ?? throw new InvalidOperationException("the node is not started");

    public JobServerTelemetry Telemetry { get; }

    public ResultCache Results { get; }

    /// <summary>Where management listens, with the ports that were free.</summary>
    public IReadOnlyList<IPEndPoint> ManagementEndpoints => _management?.Endpoints ?? [];

    /// <summary>Starts everything, or nothing.</summary>
    /// <param name="options">All there is to set.</param>
    /// <param name="loggers">Where it logs; default nowhere.</param>
    /// <param name="cluster">The cluster that management shows and drives too; default none.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    /// <exception cref="Configuration.ConfigurationException">The options are wrong; all problems are listed.</exception>
    /// <exception cref="IOException">An address can't be listened on, or a file not be read.</exception>
    /// <exception cref="System.Net.Sockets.SocketException">An address can't be listened on.</exception>
    /// <exception cref="JobStoreException">The store can't be opened.</exception>
    public static async Task<JobNode> StartAsync(NodeOptions options, ILoggerFactory? loggers = null, IManagedCluster? cluster = null, CancellationToken cancellationToken = default)
    {
        var problems = options.Validate();
        if (problems.Count > 0)
            throw new Configuration.ConfigurationException(problems);
        var node = new JobNode(options, loggers ?? NullLoggerFactory.Instance, cluster);
        try
        {
            await node.StartAsync(cancellationToken);
            return node;
        }
        catch
        {
            await node.DisposeAsync();
            throw;
        }
    }

    /// <summary>Stops management, then the job server; with <paramref name="drain"/> running jobs may end first.</summary>
    public async Task StopAsync(bool drain, CancellationToken cancellationToken = default)
    {
        if (_server is not null)
            await _server.StopAsync(drain, cancellationToken);
        if (_management is not null)
            await _management.DisposeAsync();
        _management = null;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync(drain: false, CancellationToken.None);
        foreach (var hook in _hooks)
            await hook.DisposeAsync();
        _hookClient?.Dispose();
        _activities.Dispose();
        _meter.Dispose();
    }

    private async Task StartAsync(CancellationToken cancellationToken)
    {
        var logger = _loggers.CreateLogger("Flotilla.JobServer");
        var given = Options.JobServer;
        var machine = given.Machine with { Version = ProductVersion.Text };
        var hookFunctions = Options.Hooks.Select(hook => hook.Function).OfType<string>().ToArray();
        foreach (var hook in Options.Hooks)
            _hooks.Add(new EventHook(hook, TargetOf(hook), HandlePrefixOf(given), given.Time, logger, hookFunctions));
        _server = await JobServerHost.StartAsync(
            given with
            {
                Machine = given.Machine.Version == new JobMachineOptions().Version ? machine : given.Machine,
                Store = given.Store ?? Options.Store.Create(reason => Log.StoreWarned(logger, reason)),
                Logger = given.Logger == NullLogger.Instance ? logger : given.Logger,
                Observer = Observers(given, logger),
            },
            cancellationToken);
        if (Options.Management.Listen.Count == 0)
            return;
        _management = await ManagementServer.StartAsync(
            Options.Management,
            new ManagedJobServer(_server, _storeWatch, () => Telemetry.Uptime),
            Results,
            WriteMetrics,
            _loggers,
            _cluster is null ? null : new ClusterManager(_cluster, given.Time),
            cancellationToken);
        foreach (var endpoint in _management.Endpoints)
            Log.ManagementStarted(logger, endpoint.ToString());
    }

    private void WriteMetrics(System.Buffers.IBufferWriter<byte> page)
    {
        MetricsPage.Write(page, Telemetry, Snapshot(), ProductVersion.Text);
        if (_cluster is not null)
            ClusterMetrics.Write(page, _cluster.Topology);
    }

    private JobServerObserver Observers(JobServerOptions given, ILogger logger)
    {
        List<IJobServerObserver> observers = [Telemetry, _meter, _activities, _storeWatch, new JobServerLog(logger, given.Time), .. _hooks];
        if (Options.Results.MaxResults > 0)
            observers.Add(Results);
        if (given.Observer is { } own)
            observers.Add(own);
        return new JobServerObserver([.. observers]);
    }

    private IHookTarget TargetOf(HookOptions hook) => hook.Url is { } url
        ? new UrlHookTarget(_hookClient ??= UrlHookTarget.CreateClient(), url)
        : new FunctionHookTarget(hook.Function!, SubmitAsync);

    private async Task SubmitAsync(string function, ReadOnlyMemory<byte> workload, CancellationToken cancellationToken)
        => await new ManagedJobServer(Server, _storeWatch, () => Telemetry.Uptime)
            .SubmitAsync(new JobSubmission { Function = function, Workload = workload }, cancellationToken);

    private static string HandlePrefixOf(JobServerOptions options)
        => options.Machine.HandlePrefix == new JobMachineOptions().HandlePrefix
            ? JobMachineOptions.HandlePrefixFor(Environment.MachineName)
            : options.Machine.HandlePrefix;

    private ServerSnapshot Snapshot() => _server?.Snapshot() ?? new ServerSnapshot { Functions = [] };
}
