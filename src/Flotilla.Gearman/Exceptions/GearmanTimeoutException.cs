namespace Flotilla.Gearman;

/// <summary>Something did not happen within the time that the options or the request allow.</summary>
public sealed class GearmanTimeoutException(string what, TimeSpan limit) : GearmanException($"{what} took longer than {limit}")
{
    public TimeSpan Limit { get; } = limit;
}
