namespace Flotilla.Bench.Jobs;

/// <summary>From the start of the process to its first answer.</summary>
internal sealed class StartUpCase : IBenchCase
{
    public string Name => "start-up";

    public string Summary => "start of the process to its first answer";

    public async Task<IReadOnlyList<Figure>> MeasureAsync(JobsBenchOptions options, Action<string> progress)
    {
        var (theirs, ours) = await SideBySide.RunAsync(
            options.Runs, ServerSetup.Gearmand, ServerSetup.Flotilla, server => Task.FromResult(server.StartUp.TotalSeconds), progress);
        return [new Figure(Name, "seconds", Median.Of(theirs, run => run), Median.Of(ours, run => run), Target.AtMost(0.5))];
    }
}
