namespace Flotilla.Deployment;

/// <summary>What a host said of itself.</summary>
/// <param name="Host">Which.</param>
/// <param name="Facts">Null when it could not be asked.</param>
/// <param name="Problem">Why not; null when it was.</param>
public sealed record HostDiagnosis(string Host, HostFacts? Facts, string? Problem);
