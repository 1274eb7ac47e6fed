namespace Flotilla.Cluster.Core.Commands;

/// <summary>By policy commits wait for nobody, from here on.</summary>
public sealed record Degrade(ulong Epoch, string Why) : ClusterCommand;
