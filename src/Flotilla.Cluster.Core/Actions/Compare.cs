namespace Flotilla.Cluster.Core.Actions;

/// <summary>Finds out whether all it has is in the primary's log: a <see cref="Comparison"/> comes with the end.</summary>
public sealed record Compare(ServerName Primary) : ServerAction;
