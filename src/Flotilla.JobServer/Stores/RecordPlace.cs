namespace Flotilla.JobServer.Stores;

/// <summary>Where a record lies: its segment, the byte at which its length begins, and its size with that length.</summary>
internal readonly record struct RecordPlace(uint Segment, uint Offset, int SizeBytes);
