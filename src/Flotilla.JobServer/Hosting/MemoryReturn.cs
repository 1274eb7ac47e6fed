namespace Flotilla.JobServer.Hosting;

/// <summary>
/// Gives memory back to the system after a backlog was worked off. The machine lets go of its slabs by itself, but the collector keeps
/// their pages: after 10 million jobs that is about 2 GB that nobody uses.
/// </summary>
internal sealed class MemoryReturn(Action collect)
{
    /// <summary>Below this there is nothing worth a full collection.</summary>
    private const long PeakBytesMin = 64L << 20;

    /// <summary>Collect when no more than this part of the peak is left: then little survives, and the collection is short.</summary>
    private const int RemainderDivisor = 8;

    private long _peakBytes;

    public static MemoryReturn OfProcess() => new(() => ThreadPool.UnsafeQueueUserWorkItem(
        static _ => GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true), null));

    /// <summary>Told after every batch how much the jobs take.</summary>
    public void Observe(long jobBytes)
    {
        if (jobBytes > _peakBytes)
        {
            _peakBytes = jobBytes;
        }
        else if (_peakBytes >= PeakBytesMin && jobBytes <= _peakBytes / RemainderDivisor)
        {
            _peakBytes = jobBytes;
            collect();
        }
    }
}
