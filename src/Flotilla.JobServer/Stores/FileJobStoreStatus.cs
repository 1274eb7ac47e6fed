namespace Flotilla.JobServer.Stores;

/// <summary>A <see cref="FileJobStore"/> at one moment.</summary>
/// <param name="Jobs">Jobs and schedules alive.</param>
/// <param name="LiveBytes">Bytes of their records.</param>
/// <param name="UsedBytes">Bytes of all segments up to their valid ends.</param>
/// <param name="Segments">Segment files.</param>
/// <param name="IsFull">No space for another segment: additions are refused, the rest goes on.</param>
public sealed record FileJobStoreStatus(long Jobs, long LiveBytes, long UsedBytes, int Segments, bool IsFull);
