namespace Flotilla.Cluster.Core;

/// <summary>What the cluster does by itself.</summary>
public sealed record ClusterPolicy
{
    /// <summary>What happens when replicas that acknowledge are missing: commits wait (strict, default), or the primary goes on without them, by a decision that is recorded (available).</summary>
    public LossPolicy Loss { get; init; } = LossPolicy.Strict;

    /// <summary>What becomes of a server that has transactions which the primary has not. Default: flashed back where that is possible, else filled anew.</summary>
    public DivergencePolicy Divergence { get; init; } = DivergencePolicy.FlashBack;

    /// <summary>A second failover within so many seconds needs a person. Default 600; 0: never.</summary>
    public int FlapWindowSeconds { get; init; } = 600;

    /// <summary>For people.</summary>
    public override string ToString()
        => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"loss {Loss}, divergence {Divergence}, flap window {FlapWindowSeconds} s").ToLowerInvariant();
}
