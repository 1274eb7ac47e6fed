using System.Text.RegularExpressions;
using Flotilla.Integration.Tests.Peers;

namespace Flotilla.Integration.Tests.Conformance;

/// <summary>The same scenarios against our server: the transcript is C gearmand's, but for the differences that are allowed by number.</summary>
public sealed partial class FlotillaConformanceTests
{
    public static TheoryData<string> Names => ScenarioFiles.Names;

    [Theory]
    [MemberData(nameof(Names))]
    public async Task FlotillaDiffersOnlyWhereItIsAllowedTo(string name)
    {
        var scenario = ScenarioFiles.Named(name);
        await using var server = await FlotillaServer.StartAsync(scenario.Arguments);
        var transcript = await ScenarioRun.TranscriptAsync(scenario, server.Endpoint);
        var differences = TranscriptDiff.Differences(scenario.Expected, [.. transcript.Where(line => !line.StartsWith('#'))]);
        var allowed = AllowedDifferences.All.Where(difference => string.Equals(difference.Scenario, name, StringComparison.Ordinal)).ToList();
        var unexpected = differences.FindAll(difference => !allowed.Exists(one => string.Equals(one.Difference, difference, StringComparison.Ordinal)));
        Assert.True(unexpected.Count == 0, $"{name}: minus is C gearmand, plus is ours\n{string.Join("\n\n", unexpected)}");
        foreach (var one in allowed)
            Assert.True(differences.Contains(one.Difference, StringComparer.Ordinal), $"{one.Item} allows a difference in {name} that does not show:\n{one.Difference}");
    }

    [Fact]
    public void EveryAllowanceNamesAScenarioAndANumberedReason()
    {
        var scenarios = ScenarioFiles.All.Select(scenario => scenario.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var difference in AllowedDifferences.All)
        {
            Assert.Contains(difference.Scenario, scenarios);
            Assert.Matches(Item(), difference.Item);
        }
    }

    [Fact]
    public void ScenarioNamesAreUnique() =>
        Assert.Equal(ScenarioFiles.All.Count, ScenarioFiles.All.Select(scenario => scenario.Name).Distinct(StringComparer.Ordinal).Count());

    [GeneratedRegex("^(quirk-[0-9]+|B[0-9]+|2\\.0|hostile|extension)$", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex Item();
}
