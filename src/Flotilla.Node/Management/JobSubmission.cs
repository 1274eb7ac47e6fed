using Flotilla.JobServer.Core;

namespace Flotilla.Node.Management;

/// <summary>A background job to be submitted through management. At most one of <see cref="Due"/> and <see cref="Schedule"/> is set.</summary>
public sealed record JobSubmission
{
    public required string Function { get; init; }

    public required ReadOnlyMemory<byte> Workload { get; init; }

    public string Unique { get; init; } = "";

    public JobPriority Priority { get; init; } = JobPriority.Normal;

    /// <summary>Not before this time; null for at once.</summary>
    public DateTimeOffset? Due { get; init; }

    /// <summary>Five cron fields, UTC, for a recurring job: minute, hour, day of month, month, day of week (0 is Monday).</summary>
    public string? Schedule { get; init; }
}
