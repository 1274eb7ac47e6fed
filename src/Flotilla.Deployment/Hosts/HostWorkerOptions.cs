using System.Net;
using Flotilla.Gearman;
using Flotilla.Sandbox;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Flotilla.Deployment;

/// <summary>How a <see cref="HostWorker"/> works.</summary>
public sealed record HostWorkerOptions
{
    /// <summary>The host's name in its functions. No default: two hosts of one name would take each other's jobs.</summary>
    public required HostName Name { get; init; }

    /// <summary>Job servers to register with, all of them. At least one.</summary>
    public required IReadOnlyList<GearmanAddress> Servers { get; init; }

    /// <summary>Shared secret. Needed, or a client certificate, when a job server is not on loopback. Default none.</summary>
    public string? Secret { get; init; }

    /// <summary>TLS to the job servers. Default none.</summary>
    public GearmanTlsOptions? Tls { get; init; }

    /// <summary>How long one connection may take to be usable. Default 5 s.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Folder of the sandboxes; nothing is written outside it. Default: <see cref="SandboxRoot.DefaultFolder"/>.</summary>
    public string Root { get; init; } = SandboxRoot.DefaultFolder;

    /// <summary>IP address where other hosts reach the servers made here, and where these listen. Default 127.0.0.1.</summary>
    public IPAddress Address { get; init; } = IPAddress.Loopback;

    /// <summary>Folders of database servers; null (default): whatever is on the path. What was unpacked below the root always counts.</summary>
    public IReadOnlyList<string>? Basedirs { get; init; }

    /// <summary>Tarballs that may be downloaded. Default none.</summary>
    public IReadOnlyList<TarballUrl> TarballUrls { get; init; } = [];

    /// <summary>Sandboxes made at once. Default 4; 1 to 64. More only make each other wait for the disk.</summary>
    public int MakesAtOnce { get; init; } = 4;

    /// <summary>Log events 3600 to 3699. Default: none written.</summary>
    public ILoggerFactory LoggerFactory { get; init; } = NullLoggerFactory.Instance;

    /// <summary>The clock. Default: the system's.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    internal FleetAccess Access => new()
    {
        Servers = Servers, Secret = Secret, Tls = Tls, ConnectTimeout = ConnectTimeout, LoggerFactory = LoggerFactory, TimeProvider = TimeProvider,
    };

    /// <exception cref="DeploymentException">With every problem.</exception>
    public void Validate()
    {
        var problems = new List<string>();
        if (Name == default)
            problems.Add("Name must be given");
        if (Servers.Count == 0)
            problems.Add("Servers must name at least one job server");
        if (MakesAtOnce is < 1 or > 64)
            problems.Add("MakesAtOnce must be 1 to 64");
        if (Address.Equals(IPAddress.Any) || Address.Equals(IPAddress.IPv6Any))
            problems.Add("Address must be one that other hosts can connect to, not every address");
        if (problems.Count > 0)
            throw new DeploymentException(DeploymentProblem.BadRequest, string.Join("; ", problems));
        JobServerTrust.Require(Servers, Secret, Tls);
    }
}
