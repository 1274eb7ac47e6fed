namespace Flotilla.Cluster.Core.Actions;

/// <summary>Lets connections end what they do, then makes it read-only; that waits for the commits under way.</summary>
public sealed record MakeReadOnly : ServerAction;
