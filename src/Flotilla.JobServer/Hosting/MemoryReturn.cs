namespace Flotilla.JobServer.Hosting;

/// <summary>
/// Gives memory back to the system after a large backlog was worked off: the collector alone would keep most of it for a backlog that
/// may never come again.
/// </summary>
internal sealed class MemoryReturn
{
    /// <summary>Below this a pause is worse than the memory.</summary>
    private const long WorthwhileBytes = 256L * 1024 * 1024;

    private long _peakBytes;

    /// <summary>Told what jobs use after each batch; costs two comparisons.</summary>
    public void Look(long usedBytes)
    {
        if (usedBytes >= _peakBytes)
        {
            _peakBytes = usedBytes;
        }
        else if (_peakBytes > WorthwhileBytes && usedBytes < _peakBytes / 8)
        {
            _peakBytes = usedBytes;
            ThreadPool.UnsafeQueueUserWorkItem(
                _ => GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true), null);
        }
    }
}
