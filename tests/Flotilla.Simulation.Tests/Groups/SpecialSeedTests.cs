using Flotilla.Simulation.Groups;

namespace Flotilla.Simulation.Tests.Groups;

/// <summary>Worlds with what the others lack: clusters of two and who decides a tie, forced bootstraps, rotten disks, newer programs, nodes of another cluster.</summary>
[Collection("seeds")]
public sealed class SpecialSeedTests
{
    private const int SeedsFull = 400;
    private const int SeedsFast = 8;

    [Fact]
    public void AFewSpecialSeedsKeepEveryPromise() => Require(SeedRuns.Run(WorldParameters.FirstSpecialSeed, SeedsFast));

    [Fact]
    [Trait("tier", "full")]
    public void FourHundredSpecialSeedsKeepEveryPromiseAndMeetEverythingSpecial()
    {
        var runs = SeedRuns.Run(WorldParameters.FirstSpecialSeed, SeedsFull);
        Require(runs);
        var never = Expected().Where(what => !runs.Fired.ContainsKey(what)).ToList();
        Assert.True(never.Count == 0, "never happened: " + string.Join(", ", never));
    }

    private static void Require(SeedRuns runs)
        => Assert.True(runs.Failures.Count == 0, $"{runs.Failures.Count} of {runs.Hashes.Count} seeds broke a promise; dotnet run --project tests/Flotilla.Simulator -- --seed N shows one\n" + string.Join('\n', runs.Failures.Take(20).Select(failure => $"seed {failure.Key}: {failure.Value}")));

    private static IEnumerable<string> Expected()
    {
        foreach (var fault in Enum.GetValues<FaultKind>().Where(kind => kind >= FaultKind.NewerVersion))
            yield return $"fault: {fault}";
        foreach (var tie in new[] { TieRule.None, TieRule.Witness, TieRule.Fence })
            yield return $"tie: {tie}";
        string[] others =
        [
            "tie: granted", "tie: refused", "bootstrap forced", "bootstrap forced beside the others", "refused: another cluster", "refused: a newer version", "refused to start on a rotten disk", "disconnected by the node",
            "told: BadFrame", "view: recovery", "view: return", "primary lost",
        ];
        foreach (var other in others)
            yield return other;
    }
}
