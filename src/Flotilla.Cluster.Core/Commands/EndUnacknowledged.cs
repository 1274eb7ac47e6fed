namespace Flotilla.Cluster.Core.Commands;

/// <summary>An acker has all that the primary ended without an acknowledgement. Of level 2.</summary>
public sealed record EndUnacknowledged(ulong Epoch, ServerName Server) : ClusterCommand;
