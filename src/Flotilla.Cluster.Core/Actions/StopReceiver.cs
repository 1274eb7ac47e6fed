namespace Flotilla.Cluster.Core.Actions;

/// <summary>It receives, and so acknowledges, nothing more; its applier goes on.</summary>
public sealed record StopReceiver : ServerAction;
