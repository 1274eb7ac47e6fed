namespace Flotilla.Cluster.Servers;

/// <summary>Whether a server can still write.</summary>
/// <param name="Outcome">What came of it.</param>
/// <param name="Elapsed">How long it took.</param>
/// <param name="Error">Why it did not commit; null when it did.</param>
public sealed record WriteProbe(WriteProbeOutcome Outcome, TimeSpan Elapsed, string? Error);
