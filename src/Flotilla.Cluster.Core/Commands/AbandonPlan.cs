namespace Flotilla.Cluster.Core.Commands;

/// <summary>Ends a plan without a primary, or with the old one.</summary>
public sealed record AbandonPlan(ulong Plan, string Why) : ClusterCommand;
