using Flotilla.Bench.Jobs;

namespace Flotilla.Bench.Clusters;

/// <summary>All runs of one fault on one system.</summary>
/// <param name="Fault">What was done.</param>
/// <param name="System">To whom.</param>
/// <param name="Runs">What the client saw.</param>
/// <param name="ByHand">What a person has to do afterwards.</param>
/// <param name="Failures">Runs in which writes did not go on, or that could not be measured.</param>
internal sealed record OutageFigure(Fault Fault, string System, IReadOnlyList<OutageRun> Runs, string ByHand, IReadOnlyList<string> Failures)
{
    public double P50Ms => Median.Of(Runs, run => run.OutageMs);

    public double MaxMs => Runs.Count == 0 || Failures.Count > 0 ? double.NaN : Runs.Max(run => run.OutageMs);

    public long Lost => Runs.Sum(run => run.Lost);

    public long Acknowledged => Runs.Sum(run => run.Acknowledged);

    /// <summary>The median.</summary>
    public double? RedundantSeconds => Runs.Any(run => run.RedundantSeconds is not null) ? Median.Of(Runs.Where(run => run.RedundantSeconds is not null), run => run.RedundantSeconds!.Value) : null;

    public Target? P50Target { get; init; }

    public Target? MaxTarget { get; init; }

    public bool IsMet => P50Target is null || (P50Target.IsMet(P50Ms) && MaxTarget!.IsMet(MaxMs) && Lost == 0);
}
