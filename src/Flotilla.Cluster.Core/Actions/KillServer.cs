namespace Flotilla.Cluster.Core.Actions;

/// <summary>Its guard kills it, whatever else is at work on it.</summary>
public sealed record KillServer(string Why) : ServerAction;
