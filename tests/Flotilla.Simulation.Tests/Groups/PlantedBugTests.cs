extern alias planted;

using planted::Flotilla.Simulation.Groups;

namespace Flotilla.Simulation.Tests.Groups;

/// <summary>The provers, proven: a bug that is put into the core on purpose breaks a promise within 500 seeds.</summary>
[Collection("seeds")]
public sealed class PlantedBugTests(ITestOutputHelper output)
{
    private const int SeedsMax = 500;

    public static TheoryData<string> Bugs => [.. GroupWorld.PlantedBugs];

    [Fact]
    public void TenBugsAtLeastAreFound() => Assert.True(Bugs.Count >= 10);

    [Theory]
    [MemberData(nameof(Bugs))]
    [Trait("tier", "full")]
    public void EveryPlantedBugBreaksAPromiseWithinFiveHundredSeeds(string bug)
    {
        var next = 0;
        string? caught = null;
        var threads = new Thread[2];
        for (var i = 0; i < threads.Length; i++)
        {
            threads[i] = new Thread(
                () =>
                {
                    for (var seed = Interlocked.Increment(ref next); seed <= SeedsMax && Volatile.Read(ref caught) is null; seed = Interlocked.Increment(ref next))
                    {
                        var run = GroupWorld.Run((ulong)seed, new RunOptions { PlantedBug = bug });
                        if (run.Violations.FirstOrDefault(violation => violation.Name != "DefectCheck") is { } violation)
                            Volatile.Write(ref caught, $"seed {seed}: {violation}");
                    }
                },
                maxStackSize: 16 << 20);
            threads[i].Start();
        }

        foreach (var thread in threads)
            thread.Join();
        Assert.True(caught is not null, $"{SeedsMax} seeds keep every promise with {bug} in the core");
        output.WriteLine($"{bug} {caught}");
    }
}
