namespace Flotilla.Cluster.Tests.Hosting;

/// <summary>Runs alone: what it waits for takes processors.</summary>
[CollectionDefinition(nameof(HealingCluster), DisableParallelization = true)]
public sealed class HealingCollection;
