namespace Flotilla.JobServer.Tests.Stores;

/// <summary>Short words for what every store test does.</summary>
internal static class StoreTesting
{
    public static async Task<List<ModelRecord>> OpenAndReadAsync(this IJobStore store)
    {
        var collector = new ReplayCollector();
        await store.OpenAsync(collector, CancellationToken.None);
        return collector.Records;
    }

    public static ValueTask CommitAsync(this IJobStore store, params IReadOnlyList<ModelRecord> records)
    {
        var batch = new JobStoreBatch();
        foreach (var record in records)
            record.AddTo(batch);
        return store.CommitAsync(batch, CancellationToken.None);
    }
}
