namespace Flotilla.Cli;

/// <summary>What the process says with its exit code; docs/reference/exit-codes.md explains each to users.</summary>
internal enum ExitCode
{
    Ok = 0,

    /// <summary>Something failed that none of the others names: a file, the server's start, an unexpected error.</summary>
    Failed = 1,

    /// <summary>The command line is wrong.</summary>
    Usage = 2,

    /// <summary>No job server could be reached, no database server found.</summary>
    NoServer = 3,

    /// <summary>The job server refused, or what was asked for is taken.</summary>
    Refused = 4,

    /// <summary>The job, function, schedule or sandbox is not known.</summary>
    NotFound = 5,

    /// <summary>The job failed (WORK_FAIL).</summary>
    JobFailed = 6,

    /// <summary>The job ended with an exception of its worker (WORK_EXCEPTION).</summary>
    JobException = 7,

    /// <summary>It took longer than allowed.</summary>
    TimedOut = 8,

    /// <summary>The secret, certificate or right is missing or wrong.</summary>
    NotAuthorized = 9,

    /// <summary>The connection was lost; what the server did is unknown.</summary>
    ConnectionLost = 10,

    /// <summary>Interrupted by the user (128 + SIGINT).</summary>
    Interrupted = 130,

    /// <summary>Told to stop (128 + SIGTERM).</summary>
    Terminated = 143,
}
