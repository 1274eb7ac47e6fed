namespace Flotilla.Groups.Core;

/// <summary>
/// A record for the disk. <see cref="Body"/> is the core's own encoding (documented in docs/protocols/groups-log.md); the runtime adds
/// length and checksum, and never looks inside. Borrowed: valid during the call.
/// </summary>
public readonly ref struct PersistRecord(PersistRecordKind kind, ulong sequence, ReadOnlySpan<byte> body)
{
    public PersistRecordKind Kind { get; } = kind;

    /// <summary>For entries, truncations, checkpoints and prunes; otherwise the epoch.</summary>
    public ulong Sequence { get; } = sequence;

    public ReadOnlySpan<byte> Body { get; } = body;

    /// <summary>Flush as soon as possible: somebody waits for it (promises, views, durable messages).</summary>
    public bool IsUrgent { get; init; }
}
