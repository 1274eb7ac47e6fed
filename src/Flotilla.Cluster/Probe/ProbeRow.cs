namespace Flotilla.Cluster.Probe;

/// <summary>One write: the columns that name its row.</summary>
public readonly record struct ProbeRow(long Writer, long Number);
