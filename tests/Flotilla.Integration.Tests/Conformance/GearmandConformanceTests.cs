using Flotilla.Integration.Tests.Peers;

namespace Flotilla.Integration.Tests.Conformance;

/// <summary>
/// The scenario files tell what C gearmand 1.1.20 answers; this holds them to it. With FLOTILLA_RECORD=1 in the environment the
/// answers in the files are written anew from what gearmand says: for new scenarios, to be read through before they are kept.
/// </summary>
public sealed class GearmandConformanceTests
{
    public static TheoryData<string> Names => ScenarioFiles.Names;

    [Theory]
    [Trait("tier", "full")]
    [MemberData(nameof(Names))]
    public async Task GearmandAnswersAsTheScenarioSays(string name)
    {
        var scenario = ScenarioFiles.Named(name);
        await using var gearmand = await GearmandProcess.StartAsync(scenario.Arguments);
        var transcript = await ScenarioRun.TranscriptAsync(scenario, gearmand.Endpoint);
        if (Environment.GetEnvironmentVariable("FLOTILLA_RECORD") is not null)
            ScenarioFiles.Record(scenario, transcript);
        else
            Assert.Equal(scenario.Expected, transcript.Where(line => !line.StartsWith('#')), StringComparer.Ordinal);
    }
}
