namespace Flotilla.JobServer.Core;

/// <summary>The machine as a whole at one moment.</summary>
public sealed record ServerSnapshot
{
    public required IReadOnlyList<FunctionSnapshot> Functions { get; init; }

    public long Jobs { get; init; }

    public long RunningJobs { get; init; }

    public int Connections { get; init; }

    public int Workers { get; init; }

    public int Schedules { get; init; }

    /// <summary>Bytes of job memory in use, payloads and records.</summary>
    public long MemoryBytes { get; init; }

    public bool IsDraining { get; init; }

    public MachineCounters Counters { get; init; } = new();
}
