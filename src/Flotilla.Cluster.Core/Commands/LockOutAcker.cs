namespace Flotilla.Cluster.Core.Commands;

/// <summary>The primary shall not count that acker any more.</summary>
public sealed record LockOutAcker(ulong Epoch, ServerName Server, string Why) : ClusterCommand;
