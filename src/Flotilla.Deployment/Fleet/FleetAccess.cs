using Flotilla.Gearman;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Flotilla.Deployment;

/// <summary>Which job servers lead to the hosts, and how they may be reached.</summary>
public sealed record FleetAccess
{
    /// <summary>At least one.</summary>
    public required IReadOnlyList<GearmanAddress> Servers { get; init; }

    /// <summary>Shared secret. Needed, or a client certificate, when a job server is not on loopback. Default none.</summary>
    public string? Secret { get; init; }

    /// <summary>TLS to the job servers. Default none.</summary>
    public GearmanTlsOptions? Tls { get; init; }

    /// <summary>How long one connection may take to be usable. Default 5 s.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a host may be without a worker, in the middle of things, before it counts as lost. Default 30 s.</summary>
    public TimeSpan LostPatience { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Of the connections. Default: none written.</summary>
    public ILoggerFactory LoggerFactory { get; init; } = NullLoggerFactory.Instance;

    /// <summary>The clock. Default: the system's.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;
}
