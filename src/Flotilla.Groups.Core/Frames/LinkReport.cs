namespace Flotilla.Groups.Core.Frames;

/// <summary>
/// What one node says of another in a heartbeat. u64 node; varint highest incarnation known; varint highest heartbeat of it known, from
/// whomever; varint lives that are over, see <see cref="OverTo"/>; varint age.
/// </summary>
internal readonly record struct LinkReport(NodeId Node, uint Incarnation, ulong Counter)
{
    /// <summary>Lives up to this incarnation are over for certain; 0 for none. On the wire twice it, plus one when the last of them said goodbye.</summary>
    public uint OverTo { get; init; }

    public bool HasLeft { get; init; }

    /// <summary>How long ago a frame came directly from it, -1 for never or too long ago. On the wire plus one.</summary>
    public int AgeMs { get; init; }

    /// <summary>Ages above this are sent as never.</summary>
    public const int MaxAgeMs = 1_000_000;

    public const int MaxSizeBytes = 8 + 5 + Varint.MaxSizeBytes + 5 + 5;
}
