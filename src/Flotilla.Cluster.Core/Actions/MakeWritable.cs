namespace Flotilla.Cluster.Core.Actions;

/// <summary>Nothing else: all is prepared, and its guard has a deadline.</summary>
public sealed record MakeWritable(ulong Epoch) : ServerAction;
