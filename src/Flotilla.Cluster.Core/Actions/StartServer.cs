namespace Flotilla.Cluster.Core.Actions;

/// <summary>Starts its process, read-only and without replicating. <paramref name="Role"/> is that of its crash recovery; what a replica's takes away is saved to a file before.</summary>
public sealed record StartServer(ServerRole Role) : ServerAction;
