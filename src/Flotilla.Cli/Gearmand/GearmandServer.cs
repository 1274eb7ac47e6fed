using System.Net;
using Flotilla.JobServer;
using Flotilla.JobServer.Core;
using Flotilla.JobServer.Telemetry;
using Flotilla.Sockets;
using Microsoft.Extensions.Logging;

namespace Flotilla.Cli.Gearmand;

/// <summary>From gearmand's settings to the options of our server.</summary>
internal static class GearmandServer
{
    private const int ThreadsMax = 64;
    private const int WakeupsMax = 1_000_000;

    /// <summary>A graceful shutdown waits for running jobs; gearmand does so without limit.</summary>
    private static readonly TimeSpan GracefulPatience = TimeSpan.FromDays(1);

    /// <exception cref="IOException">An address can't be resolved, or the protocol is unknown; in gearmand's words.</exception>
    public static JobServerOptions CreateOptions(
        GearmandSettings settings, IJobStore? store, string ownVersion, ILogger logger, TimeProvider time)
    {
        var machine = new JobMachineOptions
        {
            Version = GearmandHelp.Version(ownVersion),
            Verbosity = GearmandLogLine.NameOf(settings.Verbosity),
            ExceptionsByDefault = settings.ExceptionsByDefault,
            DefaultPolicy = new RetryPolicy { Attempts = (int)Math.Min(settings.JobRetries, int.MaxValue) },
        };
        if (settings.JobHandlePrefix is { } prefix)
            machine = machine with { HandlePrefix = prefix };
        if (settings.WorkerWakeup > 0)
            machine = machine with { WorkersWokenPerJob = (int)Math.Min(settings.WorkerWakeup, WakeupsMax) };
        return new JobServerOptions
        {
            Listeners = CreateListeners(settings),
            Threads = (int)Math.Min(settings.Threads, ThreadsMax),
            Backlog = settings.Backlog is >= 1 and <= 65535 ? settings.Backlog : 65535,
            KeepAlive = CreateKeepAlive(settings),
            AllowOpenListeners = true,
            DrainTimeout = GracefulPatience,
            Machine = machine,
            Store = store,
            Logger = logger,
            Observer = new JobServerLog(logger, time),
            Time = time,
        };
    }

    private static List<JobServerListener> CreateListeners(GearmandSettings settings)
    {
        var tls = settings.Ssl ? CreateTls(settings) : null;
        var listeners = GearmandAddresses.Resolve(settings.Listen, settings.Port)
            .Select(endpoint => new JobServerListener { EndPoint = endpoint, Tls = tls }).ToList();
        if (settings.Protocol is null or "gear")
            return listeners;
        if (!string.Equals(settings.Protocol, "http", StringComparison.OrdinalIgnoreCase))
            throw new IOException($"Unknown protocol module : {settings.Protocol}");
        listeners.AddRange(GearmandAddresses.Resolve(settings.Listen, settings.HttpPort)
            .Select(endpoint => new JobServerListener { EndPoint = endpoint, Protocol = JobServerProtocol.Http }));
        return listeners;
    }

    private static JobServerTls CreateTls(GearmandSettings settings)
    {
        if (settings.SslCertificate is null)
            throw new IOException("--ssl needs --ssl-certificate (or the variable GEARMAND_SERVER_PEM)");
        return new JobServerTls
        {
            CertificatePath = settings.SslCertificate,
            KeyPath = settings.SslKey,
            AuthorityPath = settings.SslCaFile,
            ClientCertificates = settings.SslCaFile is null ? ClientCertificateMode.None : ClientCertificateMode.Allowed,
        };
    }

    private static SocketKeepAlive? CreateKeepAlive(GearmandSettings settings)
    {
        var own = new JobServerOptions().KeepAlive;
        if (!settings.KeepAlive || own is null)
            return own;
        return new SocketKeepAlive(
            settings.KeepAliveIdleSeconds > 0 ? TimeSpan.FromSeconds(settings.KeepAliveIdleSeconds) : own.Idle,
            settings.KeepAliveIntervalSeconds > 0 ? TimeSpan.FromSeconds(settings.KeepAliveIntervalSeconds) : own.Interval,
            settings.KeepAliveCount > 0 ? settings.KeepAliveCount : own.Count);
    }

    /// <summary>An address as gearmand logs it: without brackets.</summary>
    public static string Describe(EndPoint endpoint) => endpoint is IPEndPoint ip ? $"{ip.Address}:{ip.Port}" : endpoint.ToString() ?? "";
}
