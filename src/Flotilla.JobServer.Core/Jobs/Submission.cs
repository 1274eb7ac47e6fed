namespace Flotilla.JobServer.Core;

/// <summary>What a submit asks for; the bytes are borrowed from the packet.</summary>
internal readonly ref struct Submission
{
    public ReadOnlySpan<byte> Function { get; init; }

    public ReadOnlySpan<byte> Unique { get; init; }

    public ReadOnlySpan<byte> Reducer { get; init; }

    public ReadOnlySpan<byte> Data { get; init; }

    public JobPriority Priority { get; init; }

    public bool IsBackground { get; init; }

    /// <summary>Not before this time; 0 is at once.</summary>
    public long DueMs { get; init; }
}
