namespace Flotilla.Bench.Clusters;

/// <summary>One fault, as the writing client saw it.</summary>
/// <param name="OutageMs">From the last write that was acknowledged before to the first one after.</param>
/// <param name="Lost">Acknowledged rows that are not there.</param>
/// <param name="Acknowledged">Of how many.</param>
/// <param name="RedundantSeconds">From the fault, or from the host's return, until all three servers have everything; null where that takes hands.</param>
internal sealed record OutageRun(double OutageMs, long Lost, long Acknowledged, double? RedundantSeconds);
