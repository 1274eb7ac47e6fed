namespace Flotilla.Cluster.Core.Actions;

/// <summary>Fills it anew from that server. Fails when it has logged anything behind <paramref name="Known"/> meanwhile: that was not saved.</summary>
public sealed record Provision(ServerName Donor, ReplicationPosition Known) : ServerAction;
