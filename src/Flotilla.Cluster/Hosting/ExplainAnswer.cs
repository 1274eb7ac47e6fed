namespace Flotilla.Cluster.Hosting;

/// <summary>In words.</summary>
internal sealed record ExplainAnswer(string Reason);
