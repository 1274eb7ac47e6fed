namespace Flotilla.Bench.Jobs;

/// <summary>One case of `./bench jobs`.</summary>
internal interface IBenchCase
{
    string Name { get; }

    string Summary { get; }

    Task<IReadOnlyList<Figure>> MeasureAsync(JobsBenchOptions options, Action<string> progress);
}
