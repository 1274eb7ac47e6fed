namespace Flotilla.Groups.Core.Frames;

/// <summary>What stands before an entry's bytes.</summary>
internal readonly record struct EntryHeader(
    int BodyLength, ulong Epoch, ulong Sequence, LogEntryKind Kind, Delivery Delivery, MemberId Sender, ulong Number)
{
    public int TotalBytes => EntryCodec.HeaderSizeBytes + BodyLength;
}
