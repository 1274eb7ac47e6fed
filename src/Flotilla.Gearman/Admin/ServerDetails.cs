using System.Text.Json;

namespace Flotilla.Gearman;

/// <summary>Flotilla's server about itself (<c>show server</c>).</summary>
public sealed record ServerDetails
{
    public required string Version { get; init; }

    public long UptimeMs { get; init; }

    /// <summary>Jobs in all, running ones included.</summary>
    public long Jobs { get; init; }

    public long Running { get; init; }

    public long Connections { get; init; }

    public long Workers { get; init; }

    public long Schedules { get; init; }

    public long MemoryBytes { get; init; }

    /// <summary>The server finishes what runs and takes no more.</summary>
    public bool Draining { get; init; }

    /// <summary>Totals since the start, by name.</summary>
    public JsonElement? Counters { get; init; }
}
