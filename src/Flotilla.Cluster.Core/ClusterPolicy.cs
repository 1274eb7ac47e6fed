namespace Flotilla.Cluster.Core;

/// <summary>What the cluster does by itself.</summary>
public sealed record ClusterPolicy
{
    public LossPolicy Loss { get; init; } = LossPolicy.Strict;

    public DivergencePolicy Divergence { get; init; } = DivergencePolicy.FlashBack;

    /// <summary>A second failover within this time needs a person. 10 minutes; 0: never.</summary>
    public int FlapWindowSeconds { get; init; } = 600;
}
