namespace Flotilla.Cluster.Core.Commands;

/// <summary>From here on the primary may count that server's acknowledgements.</summary>
public sealed record AddAcker(ulong Epoch, ServerName Server) : ClusterCommand;
