namespace Flotilla.JobServer.Stores;

/// <summary>Where an opening found the end of the log.</summary>
internal readonly record struct RecoveredLog
{
    /// <summary>0 for an empty folder.</summary>
    public uint Newest { get; init; }

    /// <summary>The first segment still needed; 1 for an empty folder.</summary>
    public uint Oldest { get; init; }

    /// <summary>Where the newest segment's whole frames end.</summary>
    public long End { get; init; }

    public ulong NextFrame { get; init; }

    /// <summary>Where the last frame begins when it might be in memory only; 0 when all is known to be durable.</summary>
    public long InDoubtFrom { get; init; }
}
