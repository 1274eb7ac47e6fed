using Flotilla.Gearman.Protocol;
using Flotilla.JobServer.Core;
using Flotilla.JobServer.Http;
using Flotilla.Sockets;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Flotilla.JobServer;

/// <summary>Everything a <see cref="JobServerHost"/> is told once. Immutable.</summary>
public sealed record JobServerOptions
{
    /// <summary>Where the server listens. Default: 127.0.0.1:4730, Gearman without TLS.</summary>
    public IReadOnlyList<JobServerListener> Listeners { get; init; } = [new JobServerListener()];

    /// <summary>
    /// I/O threads, 0 to 64; 0, the default, is one for every four processors, at most 8. One thread serves some 100,000 jobs a second;
    /// more than one costs each job a little for handing over between them.
    /// </summary>
    public int Threads { get; init; }

    /// <summary>Settings of the job server proper: retries, limits, names. What is left at its default is filled in from these options.</summary>
    public JobMachineOptions Machine { get; init; } = new();

    /// <summary>Where background jobs are kept; null, the default, keeps them in memory only. The server owns the store and disposes it.</summary>
    public IJobStore? Store { get; init; }

    /// <summary>Connections waiting to be accepted per listener, 1 to 65,535; the kernel may cap it. Default 1024.</summary>
    public int Backlog { get; init; } = 1024;

    /// <summary>Connections in all; more are closed at once. 1 to 10,000,000, default 100,000. The limit on descriptors is often lower.</summary>
    public int MaxConnections { get; init; } = 100_000;

    /// <summary>
    /// Longest packet body in bytes, 1 KiB to 1000 MiB, default 64 MiB. A header that promises more is answered with an ERROR and the
    /// connection is closed before anything is reserved.
    /// </summary>
    public int MaxPacketBytes { get; init; } = ProtocolLimits.DefaultBodyBytes;

    /// <summary>
    /// Output that may wait for one connection, 64 KiB to 16 GiB, default 64 MiB; a connection that is given more is closed as a slow reader.
    /// One packet may be larger than the limit. When an eighth of what the process may use waits on all connections together, those that take
    /// less than they are given and have more than <see cref="OutputPauseBytes"/> waiting are closed too.
    /// </summary>
    public long OutputLimitBytes { get; init; } = 64L * 1024 * 1024;

    /// <summary>
    /// A connection for which more output than this waits is not read from until half of it is gone, 4 KiB to
    /// <see cref="OutputLimitBytes"/>, default 1 MiB.
    /// </summary>
    public long OutputPauseBytes { get; init; } = 1024 * 1024;

    /// <summary>
    /// Memory for packets that are not complete yet, over all connections, 1 MiB or more; 0, the default, is a sixteenth of what the process
    /// may use. Above it one connection per thread at a time goes on receiving a large packet, the others wait.
    /// </summary>
    public long ReceiveLimitBytes { get; init; }

    /// <summary>
    /// Memory for jobs; 0, the default, is three quarters of what the process may use. When it is full, submitters get QUEUE_ERROR.
    /// </summary>
    public long JobMemoryLimitBytes { get; init; }

    /// <summary>
    /// How long a TLS handshake may take, and then a connection that needs the secret to give it, 100 ms to 1 h. Default 10 s.
    /// </summary>
    public TimeSpan HandshakeTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long a peer may be silent in the middle of a packet, 100 ms to one day; then the connection is closed. Less than 4 KiB of a
    /// longer packet in that time is silence. Zero waits for ever. Default 60 s.
    /// </summary>
    public TimeSpan PartialPacketTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>TCP keep-alive probes, which find peers that vanished; null for none. Default: after 120 s, every 30 s, 4 times.</summary>
    public SocketKeepAlive? KeepAlive { get; init; } = new(TimeSpan.FromSeconds(120), TimeSpan.FromSeconds(30), 4);

    /// <summary>A secret that connections from other machines must give before anything else; null, the default, for none.</summary>
    public string? SharedSecret { get; init; }

    /// <summary>Whether connections from this machine need no secret. Default true.</summary>
    public bool TrustLocalConnections { get; init; } = true;

    /// <summary>
    /// Allows listeners that other machines reach without TLS and without a secret, as gearmand has it. Default false: such a listener is
    /// a problem that <see cref="Validate"/> reports.
    /// </summary>
    public bool AllowOpenListeners { get; init; }

    /// <summary>Limits of HTTP listeners.</summary>
    public HttpFrontOptions Http { get; init; } = new();

    /// <summary>
    /// How long <see cref="JobServerHost.StopAsync"/> waits for running jobs when asked to drain, up to a day. Default 30 s.
    /// </summary>
    public TimeSpan DrainTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>What carries the I/O threads. Default: epoll where there is one.</summary>
    public SocketLoopKind Sockets { get; init; } = SocketLoopKind.Automatic;

    /// <summary>Counts and records what happens; null, the default, for nobody.</summary>
    public IJobServerObserver? Observer { get; init; }

    /// <summary>Told now and then while a large store is read at start: bytes done, bytes in all.</summary>
    public Action<long, long>? ReplayProgress { get; init; }

    /// <summary>Where log lines go. Default: nowhere.</summary>
    public ILogger Logger { get; init; } = NullLogger.Instance;

    /// <summary>The clock. Default: the system's.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>All problems, one line each; empty when the options can be used.</summary>
    public IReadOnlyList<string> Validate()
    {
        var problems = new List<string>();
        Check(Listeners.Count > 0, "Listeners must name at least one address");
        Check(Threads is >= 0 and <= 64, "Threads must be 0 to 64");
        Check(Backlog is >= 1 and <= 65535, "Backlog must be 1 to 65535");
        Check(MaxConnections is >= 1 and <= 10_000_000, "MaxConnections must be 1 to 10000000");
        Check(MaxPacketBytes is >= 1024 and <= 1000 * 1024 * 1024, "MaxPacketBytes must be 1024 to 1048576000");
        Check(OutputLimitBytes is >= 64 * 1024 and <= 16L * 1024 * 1024 * 1024, "OutputLimitBytes must be 65536 to 17179869184");
        Check(OutputPauseBytes >= 4096 && OutputPauseBytes <= OutputLimitBytes, "OutputPauseBytes must be 4096 to OutputLimitBytes");
        Check(ReceiveLimitBytes is 0 or >= 1024 * 1024, "ReceiveLimitBytes must be 0 or at least 1048576");
        Check(JobMemoryLimitBytes >= 0, "JobMemoryLimitBytes must not be negative");
        Check(Within(HandshakeTimeout, TimeSpan.FromMilliseconds(100), TimeSpan.FromHours(1)), "HandshakeTimeout must be 100 ms to 1 h");
        Check(PartialPacketTimeout == TimeSpan.Zero || Within(PartialPacketTimeout, TimeSpan.FromMilliseconds(100), TimeSpan.FromDays(1)),
            "PartialPacketTimeout must be 0 or 100 ms to one day");
        Check(DrainTimeout >= TimeSpan.Zero && DrainTimeout <= TimeSpan.FromDays(1), "DrainTimeout must be 0 to one day");
        Check(SharedSecret is null || SharedSecret.Length is > 0 and <= 1024, "SharedSecret must be 1 to 1024 characters");
        problems.AddRange(Machine.Validate());
        problems.AddRange(Http.Validate());
        foreach (var listener in Listeners)
        {
            problems.AddRange(listener.Tls?.Validate() ?? []);
            var isGuarded = SharedSecret is not null
                || listener.Tls is { ClientCertificates: ClientCertificateMode.Required, AuthorityPath: not null };
            var replacesSecret = SharedSecret is not null && listener.Tls is { ClientCertificates: not ClientCertificateMode.None };
            Check(!replacesSecret || listener.Tls!.AuthorityPath is not null,
                $"{listener.EndPoint} takes client certificates in place of the secret: it needs the authority they come from");
            Check(listener.IsLocal || isGuarded || AllowOpenListeners,
                $"{listener.EndPoint} is reachable from other machines: it needs a secret, client certificates of an authority that is given, or AllowOpenListeners");
        }

        return problems;

        void Check(bool holds, string problem)
        {
            if (!holds)
                problems.Add(problem);
        }
    }

    private static bool Within(TimeSpan value, TimeSpan least, TimeSpan most) => value >= least && value <= most;
}
