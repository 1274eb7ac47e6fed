namespace Flotilla.Node.Management;

/// <summary>The job server as management sees it: text commands, submits, and figures. Thread-safe.</summary>
public interface IManagedJobServer
{
    string Version { get; }

    /// <summary>What stands before the colon and the number in handles of this server.</summary>
    string HandlePrefix { get; }

    /// <summary>Looks at store, loop and listeners; takes a second or two when one of them hangs.</summary>
    Task<HealthReport> CheckHealthAsync(CancellationToken cancellationToken);

    /// <summary>Sends a command that is answered with one line.</summary>
    /// <exception cref="AdminRefusedException">It was answered with ERR.</exception>
    Task<string> LineAsync(string command, CancellationToken cancellationToken);

    /// <summary>Sends a command that is answered with a list.</summary>
    /// <exception cref="AdminRefusedException">It was answered with ERR.</exception>
    Task<IReadOnlyList<string>> ListAsync(string command, CancellationToken cancellationToken);

    /// <summary>Submits a background job and returns its handle when it is accepted.</summary>
    /// <exception cref="AdminRefusedException">It was refused.</exception>
    Task<string> SubmitAsync(JobSubmission submission, CancellationToken cancellationToken);
}
