namespace Flotilla.Bench.Jobs;

/// <summary>One line of the report: a figure for both servers, and the target if there is one.</summary>
/// <param name="Case">The case it belongs to.</param>
/// <param name="Name">What was measured, with its unit.</param>
/// <param name="Gearmand">gearmand's figure; null where it was not measured.</param>
/// <param name="Flotilla">Ours.</param>
/// <param name="Target">What ours has to reach; null when the figure is only shown.</param>
internal sealed record Figure(string Case, string Name, double? Gearmand, double Flotilla, Target? Target = null)
{
    public double? Ratio => Gearmand is > 0 and var theirs ? Flotilla / theirs : null;

    public bool IsMet => Target is not { } target || target.IsMet(target.IsRatio ? Ratio ?? double.NaN : Flotilla);
}
