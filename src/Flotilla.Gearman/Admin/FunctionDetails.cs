using System.Text.Json;

namespace Flotilla.Gearman;

/// <summary>A function as Flotilla's server describes it (<c>show functions</c>).</summary>
public sealed record FunctionDetails
{
    public required string Name { get; init; }

    public long QueuedHigh { get; init; }

    public long QueuedNormal { get; init; }

    public long QueuedLow { get; init; }

    public long Running { get; init; }

    /// <summary>Jobs that are due later.</summary>
    public long Delayed { get; init; }

    /// <summary>Jobs in the dead-letter list.</summary>
    public long Dead { get; init; }

    public long Workers { get; init; }

    /// <summary>Nothing is handed out.</summary>
    public bool Paused { get; init; }

    /// <summary>Nothing new is taken.</summary>
    public bool Draining { get; init; }

    public long PayloadBytes { get; init; }

    /// <summary>Limits of the queue, as the server says them.</summary>
    public JsonElement? MaxQueue { get; init; }

    /// <summary>What happens to jobs that fail, as the server says it.</summary>
    public JsonElement? Policy { get; init; }
}
