namespace Flotilla.Cluster.Probe;

/// <summary>The probe can't begin or can't read back; the message says why.</summary>
public sealed class ProbeException(string message, Exception? inner = null) : Exception(message, inner);
