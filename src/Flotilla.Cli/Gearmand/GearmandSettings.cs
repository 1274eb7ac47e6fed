namespace Flotilla.Cli.Gearmand;

/// <summary>What a gearmand command line asks for, checked as far as the line alone allows.</summary>
internal sealed record GearmandSettings
{
    public int Backlog { get; init; } = 32;

    public bool IsDaemon { get; init; }

    public bool ExceptionsByDefault { get; init; }

    /// <summary>Null leaves the limit as it is.</summary>
    public ulong? FileDescriptors { get; init; }

    /// <summary>Attempts per job; 0 is without limit.</summary>
    public uint JobRetries { get; init; }

    public string? JobHandlePrefix { get; init; }

    public bool KeepAlive { get; init; }

    /// <summary>-1 leaves each of the three to the system.</summary>
    public int KeepAliveIdleSeconds { get; init; } = -1;

    public int KeepAliveIntervalSeconds { get; init; } = -1;

    public int KeepAliveCount { get; init; } = -1;

    /// <summary>A path, <c>stderr</c> or <c>none</c>.</summary>
    public string LogFile { get; init; } = "/var/log/gearmand.log";

    /// <summary>Null for all interfaces.</summary>
    public string? Listen { get; init; }

    public string PidFile { get; init; } = "/var/gearmand.pid";

    public string? Protocol { get; init; }

    public string QueueType { get; init; } = "builtin";

    public bool UsesSyslog { get; init; }

    public bool CoreDump { get; init; }

    /// <summary>0 lets the server choose.</summary>
    public uint Threads { get; init; } = 4;

    public string? User { get; init; }

    public GearmandVerbosity Verbosity { get; init; } = GearmandVerbosity.Error;

    /// <summary>0 stands for the server's own way.</summary>
    public uint WorkerWakeup { get; init; }

    /// <summary>A number, or a name of the system's list of services.</summary>
    public string Port { get; init; } = "4730";

    public string HttpPort { get; init; } = "8080";

    public bool Ssl { get; init; }

    public string? SslCaFile { get; init; }

    public string? SslCertificate { get; init; }

    public string? SslKey { get; init; }

    public string FileStore { get; init; } = "/var/lib/flotilla/jobs";

    public string? SqliteDb { get; init; }

    public string SqliteTable { get; init; } = "gearman_queue";

    /// <summary>Words of the configuration file that are no option; gearmand passes over them in silence.</summary>
    public IReadOnlyList<string> IgnoredWords { get; init; } = [];
}
