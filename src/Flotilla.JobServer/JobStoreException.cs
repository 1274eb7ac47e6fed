namespace Flotilla.JobServer;

/// <summary>The store could not do what was asked: full disk, lost server, damaged file. The message is for the operator.</summary>
public sealed class JobStoreException(string message, Exception? inner = null) : Exception(message, inner);
