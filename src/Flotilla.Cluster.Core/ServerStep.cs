namespace Flotilla.Cluster.Core;

/// <summary>What is next for a server: at most one thing, and why, or why not.</summary>
/// <param name="Action">To do on it.</param>
/// <param name="Tell">To tell the group.</param>
public sealed record ServerStep(string Reason, ServerAction? Action = null, ClusterCommand? Tell = null);
