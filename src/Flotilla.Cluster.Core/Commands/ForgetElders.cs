namespace Flotilla.Cluster.Core.Commands;

/// <summary>An acker has all that came before the epoch.</summary>
public sealed record ForgetElders(ulong Epoch, ServerName Server) : ClusterCommand;
