namespace Flotilla.Bench.Jobs;

/// <summary>The middle of several runs.</summary>
internal static class Median
{
    public static double Of<T>(IEnumerable<T> runs, Func<T, double> figure)
    {
        var sorted = runs.Select(figure).Order().ToArray();
        return sorted.Length == 0 ? double.NaN : (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}
