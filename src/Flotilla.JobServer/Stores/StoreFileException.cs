namespace Flotilla.JobServer.Stores;

/// <summary>An operation of <see cref="IStoreFiles"/> or <see cref="IStoreFile"/> failed.</summary>
/// <param name="message">What failed, with the path.</param>
/// <param name="isDiskFull">No room left, or the quota used up.</param>
/// <param name="inner">The system's error, where there is one.</param>
public sealed class StoreFileException(string message, bool isDiskFull, Exception? inner = null) : IOException(message, inner)
{
    /// <summary>No room left, or the quota used up.</summary>
    public bool IsDiskFull { get; } = isDiskFull;
}
