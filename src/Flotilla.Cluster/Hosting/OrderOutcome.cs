namespace Flotilla.Cluster.Hosting;

/// <summary>What became of something that a person ordered.</summary>
/// <param name="IsDone">It was carried out; otherwise refused, or given up.</param>
/// <param name="What">What was decided last about it.</param>
/// <param name="Why">The reason.</param>
public sealed record OrderOutcome(bool IsDone, string What, string Why);
