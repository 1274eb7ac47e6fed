extern alias planted;

using planted::Flotilla.Simulation.Groups;

namespace Flotilla.Simulation.Tests.Groups;

/// <summary>The provers, proven: a bug that is put into the core on purpose breaks a promise within 500 seeds.</summary>
[Collection("seeds")]
public sealed class PlantedBugTests(ITestOutputHelper output)
{
    private const int SeedsMax = 500;

    /// <summary>Seeds that told the rarest bugs before come first. Where they tell no longer, finding takes longer.</summary>
    private static readonly int[] s_likely = [8, 16, 24, 64, 72, 388];
    private static readonly int[] s_seeds = [.. s_likely, .. Enumerable.Range(1, SeedsMax).Except(s_likely)];

    public static TheoryData<string> Bugs => [.. GroupWorld.PlantedBugs];

    [Fact]
    public void TenBugsAtLeastAreFound() => Assert.True(Bugs.Count >= 10);

    [Theory]
    [MemberData(nameof(Bugs))]
    [Trait("tier", "full")]
    public void EveryPlantedBugBreaksAPromiseWithinFiveHundredSeeds(string bug)
    {
        var next = -1;
        string? caught = null;
        var threads = new Thread[2];
        for (var thread = 0; thread < threads.Length; thread++)
        {
            threads[thread] = new Thread(
                () =>
                {
                    for (var i = Interlocked.Increment(ref next); i < s_seeds.Length && Volatile.Read(ref caught) is null; i = Interlocked.Increment(ref next))
                    {
                        var seed = s_seeds[i];
                        var run = GroupWorld.Run((ulong)seed, new RunOptions { PlantedBug = bug });
                        if (run.Violations.FirstOrDefault(violation => violation.Name != "DefectCheck") is { } violation)
                            Volatile.Write(ref caught, $"seed {seed}: {violation}");
                    }
                },
                maxStackSize: 16 << 20);
            threads[thread].Start();
        }

        foreach (var started in threads)
            started.Join();
        Assert.True(caught is not null, $"{SeedsMax} seeds keep every promise with {bug} in the core");
        output.WriteLine($"{bug} {caught}");
    }
}
