using System.Net;
using Flotilla.Cluster.Hosting;
using Flotilla.JobServer;
using Flotilla.JobServer.Telemetry;
using Flotilla.Node.Management;
using Flotilla.Node.Results;

namespace Flotilla.Node;

/// <summary>Everything a <see cref="JobNode"/> is told once; what <c>flotilla.yaml</c> holds. Immutable.</summary>
public sealed record NodeOptions
{
    /// <summary>The port of the HTTP front, as in gearmand.</summary>
    public const int DefaultHttpPort = 8080;

    /// <summary>
    /// The job server. Unlike an embedded one it listens for HTTP too by default: Gearman on 127.0.0.1:4730, HTTP on 127.0.0.1:8080. Its
    /// store is that of <see cref="Store"/> unless one is set here.
    /// </summary>
    public JobServerOptions JobServer { get; init; } = new()
    {
        Listeners =
        [
            new JobServerListener(),
            new JobServerListener { EndPoint = new IPEndPoint(IPAddress.Loopback, DefaultHttpPort), Protocol = JobServerProtocol.Http },
        ],
    };

    /// <summary>Where background jobs survive a restart.</summary>
    public StoreOptions Store { get; init; } = new();

    /// <summary>Management over HTTP.</summary>
    public ManagementOptions Management { get; init; } = new();

    /// <summary>Limits of what is measured.</summary>
    public TelemetryOptions Telemetry { get; init; } = new();

    /// <summary>Results of background jobs, kept for those who ask later.</summary>
    public ResultCacheOptions Results { get; init; } = new();

    /// <summary>Who is told of what happens; default nobody.</summary>
    public IReadOnlyList<JobServer.Telemetry.Hooks.HookOptions> Hooks { get; init; } = [];

    /// <summary>This host's part in a cluster that heals itself: <c>flotilla node</c> only. Default none.</summary>
    public ClusterNodeOptions? Cluster { get; init; }

    /// <summary>The host's worker: <c>flotilla node</c> only. Default on; none for none.</summary>
    public HostWorkerRole? HostWorker { get; init; } = new();

    /// <summary>All that is wrong with these options; empty when nothing is.</summary>
    public IReadOnlyList<string> Validate()
    {
        List<string> problems = [];
        Add("jobServer", JobServer.Validate());
        Add("store", Store.Validate());
        Add("management", Management.Validate());
        Add("telemetry", Telemetry.Validate());
        Add("results", Results.Validate());
        Add("hostWorker", HostWorker?.Validate() ?? []);
        Add("cluster", Cluster?.Validate() ?? []);
        foreach (var hook in Hooks)
            Add("hooks", hook.Validate());
        if (Hooks.Select(hook => hook.Name).Distinct(StringComparer.Ordinal).Count() != Hooks.Count)
            problems.Add("hooks: two have the same name");
        return problems;

        void Add(string section, IReadOnlyList<string> found) => problems.AddRange(found.Select(problem => $"{section}: {problem}"));
    }
}
