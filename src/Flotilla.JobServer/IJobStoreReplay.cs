using Flotilla.JobServer.Core;

namespace Flotilla.JobServer;

/// <summary>
/// Takes what a store reads back: first jobs in the order of their ids, then schedules in the order of their ids, then settings.
/// </summary>
public interface IJobStoreReplay
{
    /// <summary>
    /// One record; the bytes are borrowed for the call. Per job one JobAdded with its latest attempts and due time; if it is in the
    /// dead-letter list a JobBuried with the reason follows at once. Per schedule one ScheduleAdded; if it ever fired a ScheduleFired
    /// with the last time follows at once. Per function with settings one FunctionSet.
    /// </summary>
    void OnRecord(in StoredRecord record);

    /// <summary>Called now and then while a large store is read.</summary>
    void OnProgress(long doneBytes, long totalBytes);
}
