using Flotilla.Gearman.Protocol;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Flotilla.Gearman;

/// <summary>What client, worker and administration share: where the job servers are, and how to reach and to watch them.</summary>
public abstract record GearmanOptions
{
    /// <summary>The job servers. Default: <c>127.0.0.1:4730</c>. At least one, each once.</summary>
    public IReadOnlyList<GearmanAddress> Servers { get; init; } = [GearmanAddress.Tcp("127.0.0.1")];

    /// <summary>TLS for all servers of the list; null (default) for plain connections.</summary>
    public GearmanTlsOptions? Tls { get; init; }

    /// <summary>Shared secret, sent first on each connection (an extension of Flotilla's server). Default none. Use it with TLS.</summary>
    public string? Secret { get; init; }

    /// <summary>How long one connection may take to be usable: TCP, TLS and the first answers. Default 5 s; more than zero.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long a server may take to answer a request that it answers itself (a job's acceptance, a status, an echo). Default 30 s; more
    /// than zero. Answers come in order, so one that is missing means that the connection is dead: it is closed. The time begins anew
    /// whenever bytes leave or come, so that large payloads may take theirs on a slow link.
    /// </summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// After this long without a byte from the server it is asked for an echo. Default 30 s; more than zero, or
    /// <see cref="Timeout.InfiniteTimeSpan"/> for never. Shorter finds a dead host sooner.
    /// </summary>
    public TimeSpan KeepAliveInterval { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Waits between attempts to reach a server.</summary>
    public BackOffOptions BackOff { get; init; } = new();

    /// <summary>The largest packet body taken from a server. Default 64 MiB; 4 KiB to 2 GiB less 12 bytes.</summary>
    public int MaxPacketBytes { get; init; } = 64 * 1024 * 1024;

    /// <summary>
    /// Bytes waiting to be sent on one connection above which senders wait. Default 8 MiB; at least 64 KiB. More memory against fewer stops.
    /// </summary>
    public long MaxOutputBytes { get; init; } = 8 * 1024 * 1024;

    /// <summary>Log events 3000 to 3099. Default: none written.</summary>
    public ILoggerFactory LoggerFactory { get; init; } = NullLoggerFactory.Instance;

    /// <summary>The clock of all timeouts. Default: the system's.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Everything that is wrong with these options; empty when they can be used.</summary>
    public virtual IEnumerable<string> Problems()
    {
        if (Servers.Count == 0)
            yield return "Servers must name at least one job server";
        if (Servers.Distinct().Count() != Servers.Count)
            yield return "Servers must name each job server once";
        if (ConnectTimeout <= TimeSpan.Zero)
            yield return "ConnectTimeout must be more than zero";
        if (RequestTimeout <= TimeSpan.Zero)
            yield return "RequestTimeout must be more than zero";
        if (KeepAliveInterval <= TimeSpan.Zero && KeepAliveInterval != Timeout.InfiniteTimeSpan)
            yield return "KeepAliveInterval must be more than zero, or infinite";
        if (MaxPacketBytes is < 4096 or > int.MaxValue - PacketHeader.SizeBytes)
            yield return "MaxPacketBytes must be 4096 to 2147483635";
        if (MaxOutputBytes < 64 * 1024)
            yield return "MaxOutputBytes must be at least 65536";
        if (Secret is { Length: 0 })
            yield return "Secret must not be empty";
        foreach (var problem in BackOff.Problems())
            yield return problem;
    }

    /// <summary>Checks all of it.</summary>
    /// <exception cref="GearmanOptionsException">With every problem.</exception>
    public void Validate()
    {
        var problems = Problems().ToList();
        if (problems.Count > 0)
            throw new GearmanOptionsException(problems);
    }
}
