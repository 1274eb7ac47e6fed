namespace Flotilla.Chaos.Tests.Faults;

/// <summary>Runs alone: what it waits for takes processors.</summary>
[CollectionDefinition(nameof(ChaosCollection), DisableParallelization = true)]
public sealed class ChaosCollection : ICollectionFixture<ChaosFixture>;
