namespace Flotilla.Bench;

/// <summary>The command line makes no sense.</summary>
internal sealed class BenchUsageException(string message) : Exception(message);
