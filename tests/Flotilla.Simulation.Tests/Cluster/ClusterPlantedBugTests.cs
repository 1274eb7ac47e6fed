extern alias planted;

using planted::Flotilla.Simulation.Cluster;

namespace Flotilla.Simulation.Tests.Cluster;

/// <summary>The provers, proven: a bug that is put into the core on purpose breaks a promise within 300 seeds.</summary>
[Collection("seeds")]
public sealed class ClusterPlantedBugTests(ITestOutputHelper output)
{
    private const int SeedsMax = 300;

    public static TheoryData<string> Bugs => [.. ClusterWorld.PlantedBugs];

    /// <summary>What must not happen with servers that promise nothing about loss, either.</summary>
    public static TheoryData<string> BugsOfMySql => ["LeaseFromSending", "PromoteBeforeFence", "WritableBeforeArmed", "SkipComparison"];

    [Fact]
    public void EveryBugIsTried() => Assert.True(Bugs.Count >= 17);

    [Theory]
    [MemberData(nameof(Bugs))]
    [Trait("tier", "full")]
    public void EveryPlantedBugBreaksAPromiseWithinThreeHundredSeeds(string bug) => Require(bug, 1);

    [Theory]
    [MemberData(nameof(BugsOfMySql))]
    [Trait("tier", "full")]
    public void WithMySqlServersItDoesSoToo(string bug) => Require(bug, (long)ClusterParameters.FirstMySqlSeed);

    private void Require(string bug, long first)
    {
        string? caught = null;
        Parallel.For(first, first + SeedsMax, new ParallelOptions { MaxDegreeOfParallelism = 2 }, (seed, loop) =>
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
