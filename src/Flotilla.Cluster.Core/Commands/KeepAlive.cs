namespace Flotilla.Cluster.Core.Commands;

/// <summary>The primary's node wants its lease to go on. Changes nothing: that it came is what counts.
/// <paramref name="Life"/> and <paramref name="Number"/> tell the sender which of its own it is.</summary>
public sealed record KeepAlive(ServerName Server, ulong Epoch, ulong Life, ulong Number) : ClusterCommand;
