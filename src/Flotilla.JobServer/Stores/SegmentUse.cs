namespace Flotilla.JobServer.Stores;

/// <summary>How full a segment is, and of what.</summary>
internal sealed class SegmentUse(uint number)
{
    public uint Number { get; } = number;

    /// <summary>Up to its valid end.</summary>
    public long UsedBytes { get; set; }

    /// <summary>Of records that would be needed to open the store again.</summary>
    public long LiveBytes { get; set; }
}
