using Flotilla.JobServer.Core;

namespace Flotilla.JobServer.Tests.Stores;

/// <summary>Keeps what a store reports.</summary>
internal sealed class ReplayCollector : IJobStoreReplay
{
    public List<ModelRecord> Records { get; } = [];

    public List<(long Done, long Total)> Progress { get; } = [];

    public void OnRecord(in StoredRecord record) => Records.Add(ModelRecord.Of(record));

    public void OnProgress(long doneBytes, long totalBytes) => Progress.Add((doneBytes, totalBytes));
}
