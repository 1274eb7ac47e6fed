namespace Flotilla.MySql;

/// <summary>How many connections a pool keeps, and for how long.</summary>
public sealed record MySqlPoolOptions
{
    /// <summary>Connections at once, lent out and idle together. Default 20, 1 to 10,000.</summary>
    public int MaxSize { get; init; } = 20;

    /// <summary>How long to wait for one when all are lent out. Default 10 s; infinite is allowed.</summary>
    public TimeSpan RentTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Idle connections are closed after this. Default 5 minutes; infinite is allowed. Keep it below the server's wait_timeout.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Connections are replaced at this age, so that load moves to servers that came back. Default 1 hour; infinite is allowed.</summary>
    public TimeSpan MaxAge { get; init; } = TimeSpan.FromHours(1);

    /// <summary>A connection idle for longer than this is pinged before it is lent out. Default 2 s; zero pings always.</summary>
    public TimeSpan CheckAfterIdle { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Make the session as new when it comes back. Default on; off saves a round trip and leaves variables and locks behind.</summary>
    public bool ResetOnReturn { get; init; } = true;

    /// <summary>Throws <see cref="MySqlOptionsException"/> naming all problems.</summary>
    public void Validate()
    {
        var problems = new List<string>();
        if (MaxSize is < 1 or > 10_000)
            problems.Add($"MaxSize is {MaxSize}, but must be 1 to 10000");
        Check(RentTimeout, nameof(RentTimeout), problems);
        Check(IdleTimeout, nameof(IdleTimeout), problems);
        Check(MaxAge, nameof(MaxAge), problems);
        if (CheckAfterIdle < TimeSpan.Zero)
            problems.Add($"CheckAfterIdle is {CheckAfterIdle}, but must not be below zero");
        if (problems.Count > 0)
            throw new MySqlOptionsException("the pool's options cannot be used: " + string.Join("; ", problems));
    }

    private static void Check(TimeSpan value, string name, List<string> problems)
    {
        if (value != Timeout.InfiniteTimeSpan && (value <= TimeSpan.Zero || value > TimeSpan.FromDays(24)))
            problems.Add($"{name} is {value}, but must be above zero and at most 24 days, or infinite");
    }
}
