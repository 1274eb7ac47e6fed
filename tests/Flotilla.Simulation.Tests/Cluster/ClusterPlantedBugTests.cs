extern alias planted;

using planted::Flotilla.Simulation.Cluster;

namespace Flotilla.Simulation.Tests.Cluster;

/// <summary>The provers, proven: a bug that is put into the core on purpose breaks a promise within 300 seeds.</summary>
[Collection("seeds")]
public sealed class ClusterPlantedBugTests(ITestOutputHelper output)
{
    private const int SeedsMax = 300;

    public static TheoryData<string> Bugs => [.. ClusterWorld.PlantedBugs];

    [Fact]
    public void EveryBugIsTried() => Assert.True(Bugs.Count >= 18);

    [Theory]
    [MemberData(nameof(Bugs))]
    [Trait("tier", "full")]
    public void EveryPlantedBugBreaksAPromiseWithinThreeHundredSeeds(string bug)
    {
        string? caught = null;
        Parallel.For(1, SeedsMax + 1, new ParallelOptions { MaxDegreeOfParallelism = 2 }, (seed, loop) =>
        {
            if (ClusterWorld.Run((ulong)seed, plantedBug: bug).Violations.FirstOrDefault() is not { } violation)
                return;
            Volatile.Write(ref caught, $"seed {seed}: {violation}");
            loop.Stop();
        });
        Assert.True(caught is not null, $"{SeedsMax} seeds keep every promise with {bug} in the core");
        output.WriteLine($"{bug} {caught}");
    }
}
