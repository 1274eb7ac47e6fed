namespace Flotilla.JobServer.Core;

/// <summary>One function's state, for admin commands, metrics and pages.</summary>
public readonly record struct FunctionSnapshot
{
    public required string Name { get; init; }

    /// <summary>The same number as <see cref="JobServerEvent.FunctionIndex"/>.</summary>
    public required int Index { get; init; }

    public long QueuedHigh { get; init; }

    public long QueuedNormal { get; init; }

    public long QueuedLow { get; init; }

    public long Running { get; init; }

    /// <summary>Not yet due: scheduled, or waiting for another attempt.</summary>
    public long Delayed { get; init; }

    /// <summary>In the dead-letter list.</summary>
    public long Dead { get; init; }

    public int Workers { get; init; }

    public bool IsPaused { get; init; }

    public bool IsDraining { get; init; }

    /// <summary>Bytes of payload held.</summary>
    public long PayloadBytes { get; init; }
}
