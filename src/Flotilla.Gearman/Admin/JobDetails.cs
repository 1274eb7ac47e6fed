namespace Flotilla.Gearman;

/// <summary>A job as Flotilla's server describes it (<c>show job</c>, <c>show queue</c>, <c>show dead</c>).</summary>
public sealed record JobDetails
{
    public required string Handle { get; init; }

    public string Function { get; init; } = "";

    public string Unique { get; init; } = "";

    /// <summary><c>storing</c>, <c>queued</c>, <c>running</c>, <c>delayed</c> or <c>dead</c>.</summary>
    public string State { get; init; } = "";

    /// <summary><c>high</c>, <c>normal</c> or <c>low</c>.</summary>
    public string Priority { get; init; } = "";

    /// <summary>How often a worker has begun it.</summary>
    public long Attempts { get; init; }

    public bool Background { get; init; }

    public long AgeMs { get; init; }

    /// <summary>When it may run, in milliseconds since 1970; null when now.</summary>
    public long? DueMs { get; init; }

    public long Numerator { get; init; }

    public long Denominator { get; init; }

    /// <summary>Client id of the worker that has it, or null.</summary>
    public string? Worker { get; init; }

    /// <summary>Clients that wait for it.</summary>
    public long Clients { get; init; }

    public long DataBytes { get; init; }

    public string? Reducer { get; init; }

    /// <summary>Why it is dead, or null.</summary>
    public string? Reason { get; init; }

    /// <summary>When it died, in milliseconds since 1970, or null.</summary>
    public long? DeadSinceMs { get; init; }
}
