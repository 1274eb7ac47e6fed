namespace Flotilla.Gearman;

/// <summary>None of the job servers in the list could be reached; the inner exceptions say why, one per server tried.</summary>
public sealed class NoServerException(string message, IReadOnlyList<Exception> reasons)
    : GearmanException(message, reasons.Count == 1 ? reasons[0] : new AggregateException(reasons))
{
    public IReadOnlyList<Exception> Reasons { get; } = reasons;
}
