namespace Flotilla.Cluster.Core.Actions;

/// <summary>Fills it anew from that server.</summary>
public sealed record Provision(ServerName Donor) : ServerAction;
