using System.Globalization;

namespace Flotilla.Gearman;

/// <summary>What Flotilla's server does with jobs of a function that fail; null leaves a setting as it is.</summary>
public sealed record FunctionPolicy
{
    /// <summary>How often a job is begun before it is given up.</summary>
    public int? Attempts { get; init; }

    /// <summary>Wait before the second attempt; doubled for each further one.</summary>
    public TimeSpan? BackOff { get; init; }

    /// <summary>The longest wait.</summary>
    public TimeSpan? BackOffMax { get; init; }

    /// <summary>True: a job whose worker says that it failed is tried again; false: that is final.</summary>
    public bool? RetryFailed { get; init; }

    /// <summary>True: jobs given up are kept in the dead-letter list; false: dropped.</summary>
    public bool? KeepDead { get; init; }

    internal string ToWords()
    {
        var words = new List<string>();
        if (Attempts is { } attempts)
            words.Add(string.Create(CultureInfo.InvariantCulture, $"attempts={attempts}"));
        if (BackOff is { } backOff)
            words.Add($"backoff={ToMs(backOff)}");
        if (BackOffMax is { } backOffMax)
            words.Add($"backoffmax={ToMs(backOffMax)}");
        if (RetryFailed is { } retry)
            words.Add(retry ? "onfail=retry" : "onfail=final");
        if (KeepDead is { } keep)
            words.Add(keep ? "dead=keep" : "dead=drop");
        return words.Count > 0 ? string.Join(' ', words) : throw new InvalidOperationException("the policy sets nothing");
    }

    private static string ToMs(TimeSpan span) => string.Create(CultureInfo.InvariantCulture, $"{(long)span.TotalMilliseconds}ms");
}
