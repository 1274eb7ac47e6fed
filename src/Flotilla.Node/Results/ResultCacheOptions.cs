namespace Flotilla.Node.Results;

/// <summary>
/// Results of background jobs kept for <c>GET /jobs/HANDLE/result</c>. Gearman itself drops them: nobody waits. The cache is in memory
/// and forgets the oldest first; a caller that must have a result lets the worker store it. Immutable.
/// </summary>
public sealed record ResultCacheOptions
{
    /// <summary>Results kept, 0 to 1,000,000, default 10,000; 0 keeps none and costs nothing.</summary>
    public int MaxResults { get; init; } = 10_000;

    /// <summary>Bytes of results kept in all, default 64 MiB.</summary>
    public long MaxBytes { get; init; } = 64 * 1024 * 1024;

    /// <summary>A larger result is remembered as ended, without its bytes; default 1 MiB.</summary>
    public int MaxResultBytes { get; init; } = 1024 * 1024;

    /// <summary>How long a result is kept, 1 s to 30 days, default 10 minutes.</summary>
    public TimeSpan MaxAge { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>All that is wrong with these options; empty when nothing is.</summary>
    public IReadOnlyList<string> Validate()
    {
        List<string> problems = [];
        if (MaxResults is < 0 or > 1_000_000)
            problems.Add($"{nameof(MaxResults)} must be 0 to 1000000, is {MaxResults}");
        if (MaxBytes < 0)
            problems.Add($"{nameof(MaxBytes)} must not be negative, is {MaxBytes}");
        if (MaxResultBytes < 0)
            problems.Add($"{nameof(MaxResultBytes)} must not be negative, is {MaxResultBytes}");
        if (MaxAge < TimeSpan.FromSeconds(1) || MaxAge > TimeSpan.FromDays(30))
            problems.Add($"{nameof(MaxAge)} must be 1 s to 30 days, is {MaxAge}");
        return problems;
    }
}
