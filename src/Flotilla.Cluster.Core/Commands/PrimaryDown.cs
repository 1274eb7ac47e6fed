namespace Flotilla.Cluster.Core.Commands;

/// <summary>The primary's node saw its process end: in this epoch it acknowledges nothing any more.</summary>
public sealed record PrimaryDown(ServerName Server, ulong Epoch, string Why) : ClusterCommand;
