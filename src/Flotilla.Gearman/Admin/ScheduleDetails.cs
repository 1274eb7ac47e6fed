namespace Flotilla.Gearman;

/// <summary>A recurring job (<c>show schedules</c>).</summary>
public sealed record ScheduleDetails
{
    /// <summary>The schedule's handle; cancel it to end the schedule.</summary>
    public required string Handle { get; init; }

    public string Function { get; init; } = "";

    public string Unique { get; init; } = "";

    /// <summary>Minute, hour, day of month, month, day of week (0 is Monday); UTC.</summary>
    public string Schedule { get; init; } = "";

    /// <summary>Milliseconds since 1970.</summary>
    public long? NextMs { get; init; }

    /// <summary>Milliseconds since 1970; null before the first time.</summary>
    public long? LastMs { get; init; }
}
