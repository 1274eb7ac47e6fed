namespace Flotilla.Gearman;

/// <summary>
/// How long a job server that could not be reached is left alone: <see cref="First"/>, then each time <see cref="Factor"/> times longer
/// up to <see cref="Max"/>, each wait shortened at random by up to <see cref="Jitter"/> so that a thousand clients don't come back at once.
/// </summary>
public sealed record BackOffOptions
{
    /// <summary>Wait after the first failure. Default 100 ms; more than zero.</summary>
    public TimeSpan First { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>The longest wait. Default 10 s; at least <see cref="First"/>. Longer spares the network, shorter finds a returned server sooner.</summary>
    public TimeSpan Max { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Growth per failure. Default 2; 1 to 10.</summary>
    public double Factor { get; init; } = 2;

    /// <summary>Random share taken off each wait. Default 0.3; 0 to 1.</summary>
    public double Jitter { get; init; } = 0.3;

    /// <summary>The wait after <paramref name="failures"/> failures in a row.</summary>
    /// <param name="failures">1 or more.</param>
    /// <param name="random">Uniform in [0, 1).</param>
    public TimeSpan WaitAfter(int failures, double random)
    {
        var grown = First.TotalMilliseconds * Math.Pow(Factor, Math.Min(failures, 64) - 1);
        return TimeSpan.FromMilliseconds(Math.Min(grown, Max.TotalMilliseconds) * (1 - (Jitter * random)));
    }

    internal IEnumerable<string> Problems()
    {
        if (First <= TimeSpan.Zero)
            yield return "BackOff.First must be more than zero";
        if (Max < First)
            yield return "BackOff.Max must be at least BackOff.First";
        if (Factor is < 1 or > 10 or double.NaN)
            yield return "BackOff.Factor must be 1 to 10";
        if (Jitter is < 0 or > 1 or double.NaN)
            yield return "BackOff.Jitter must be 0 to 1";
    }
}
