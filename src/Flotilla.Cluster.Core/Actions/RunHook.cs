namespace Flotilla.Cluster.Core.Actions;

/// <summary>Runs what people want to be run then.</summary>
public sealed record RunHook(HookKind Kind) : ServerAction;
