using Flotilla.Bench.Jobs;

namespace Flotilla.Bench.Clusters;

/// <summary>One line of the report.</summary>
/// <param name="Case">The fault, or what was looked at.</param>
/// <param name="System">Whose.</param>
/// <param name="Name">What was measured, with its unit.</param>
/// <param name="Value">The figure; not a number when it could not be measured.</param>
/// <param name="Target">What it has to reach; null when it is only shown.</param>
/// <param name="Note">What goes with it.</param>
internal sealed record ClusterFigure(string Case, string System, string Name, double Value, Target? Target = null, string Note = "")
{
    public bool IsMet => Target?.IsMet(Value) ?? true;
}
