using Flotilla.Cluster.Core;

namespace Flotilla.Cluster.Management;

/// <summary>Why a server is as it is, in sentences.</summary>
/// <param name="Server">The server.</param>
/// <param name="Now">What is done with it, or awaited of it, and what the cluster as a whole waits for.</param>
/// <param name="IfItDied">What would happen now if it died.</param>
public sealed record ServerExplanation(ServerName Server, IReadOnlyList<string> Now, IReadOnlyList<string> IfItDied);
