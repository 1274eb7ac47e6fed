using Flotilla.JobServer.Core;

namespace Flotilla.JobServer;

/// <summary>Takes what a store reads back.</summary>
public interface IJobStoreReplay
{
    /// <summary>One record; the bytes are borrowed for the call. A retried job comes as one JobAdded with its attempts and due time.</summary>
    void OnRecord(in StoredRecord record);

    /// <summary>Called now and then while a large store is read.</summary>
    void OnProgress(long doneBytes, long totalBytes);
}
