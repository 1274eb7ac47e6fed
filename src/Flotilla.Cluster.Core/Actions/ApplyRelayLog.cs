namespace Flotilla.Cluster.Core.Actions;

/// <summary>Starts the applier alone, by file and position: with GTID it would throw away what is in the relay log.</summary>
public sealed record ApplyRelayLog : ServerAction;
