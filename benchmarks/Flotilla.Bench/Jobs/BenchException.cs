namespace Flotilla.Bench.Jobs;

/// <summary>A case could not be measured.</summary>
internal sealed class BenchException(string message) : Exception(message);
