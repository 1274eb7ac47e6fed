namespace Flotilla.Cluster.Core.Actions;

/// <summary>Switches the wait for acknowledgements. Off answers whoever waits: never without a decision.</summary>
public sealed record WaitForReplicas(bool Waits) : ServerAction;
