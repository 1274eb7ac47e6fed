namespace Flotilla.Groups.Storage;

/// <summary>A data directory can't be used: the message names the file, the place in it, and what to do.</summary>
public sealed class StorageException(string message, Exception? inner = null) : Exception(message, inner);
