using System.Diagnostics;
using System.Globalization;
using Flotilla.JobServer;
using Flotilla.JobServer.Core;
using Flotilla.JobServer.Stores;

namespace Flotilla.Bench;

/// <summary>The job stores alone, on a real disk: records per second by batch, and how long a million jobs take to open.</summary>
public static class StoreBench
{
    private const int DataBytes = 32;

    /// <summary>Prints a line per measurement; about 20 seconds, 400 MB in <paramref name="folder"/>, which is emptied again.</summary>
    public static async Task RunAsync(string folder, TextWriter output, int jobs = 1_000_000)
    {
        Directory.CreateDirectory(folder);
        foreach (var batch in (int[])[1, 8, 64, 500, 2_000])
        {
            await AddAsync("file", Path.Combine(folder, "a"), Math.Min(jobs, batch * 2_000), batch, output);
            Directory.Delete(Path.Combine(folder, "a"), recursive: true);
        }

        await AddAsync("sqlite", Path.Combine(folder, "s.db"), Math.Min(jobs, 100_000), 500, output);
        await OpenAsync("sqlite", Path.Combine(folder, "s.db"), output);
        var path = Path.Combine(folder, "m");
        await AddAsync("file", path, jobs, 500, output);
        await OpenAsync("file", path, output);
        await RemoveAsync(path, jobs, output);
        await OpenAsync("file", path, output);
        Directory.Delete(folder, recursive: true);
    }

    private static IJobStore Make(string kind, string path)
        => kind == "file" ? new FileJobStore(new FileJobStoreOptions { Folder = path }) : new SqliteJobStore(path);

    private static async Task AddAsync(string kind, string path, int jobs, int perBatch, TextWriter output)
    {
        await using var store = Make(kind, path);
        await store.OpenAsync(new Counter(), CancellationToken.None);
        var batch = new JobStoreBatch();
        var watch = Stopwatch.StartNew();
        for (var id = 1; id <= jobs; id++)
        {
            batch.Add((ulong)id, new StoredRecord { Kind = StoredRecordKind.JobAdded, Id = new JobId((ulong)id), Function = "reverse"u8, Data = new byte[DataBytes] });
            if (batch.Count < perBatch && id < jobs)
                continue;
            await store.CommitAsync(batch, CancellationToken.None);
            batch.Clear();
        }

        Report(output, $"{kind}: add, batches of {perBatch}", jobs, watch.Elapsed);
    }

    /// <summary>Adds and removes so that as many live before as after: cleaning runs all the time.</summary>
    private static async Task RemoveAsync(string path, int jobs, TextWriter output)
    {
        await using var store = new FileJobStore(new FileJobStoreOptions { Folder = path });
        await store.OpenAsync(new Counter(), CancellationToken.None);
        var batch = new JobStoreBatch();
        var watch = Stopwatch.StartNew();
        for (var id = 1; id <= jobs; id++)
        {
            batch.Add(0, new StoredRecord { Kind = StoredRecordKind.JobRemoved, Id = new JobId((ulong)id) });
            batch.Add(0, new StoredRecord { Kind = StoredRecordKind.JobAdded, Id = new JobId((ulong)(jobs + id)), Function = "reverse"u8, Data = new byte[DataBytes] });
            if (batch.Count < 500)
                continue;
            await store.CommitAsync(batch, CancellationToken.None);
            batch.Clear();
        }

        await store.CommitAsync(batch, CancellationToken.None);
        Report(output, "file: one removed, one added, batches of 500", jobs * 2, watch.Elapsed);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {store.Status}"));
    }

    private static async Task OpenAsync(string kind, string path, TextWriter output)
    {
        var before = GC.GetTotalMemory(forceFullCollection: true);
        await using var store = Make(kind, path);
        var counter = new Counter();
        var watch = Stopwatch.StartNew();
        await store.OpenAsync(counter, CancellationToken.None);
        Report(output, $"{kind}: open", counter.Records, watch.Elapsed);
        var held = GC.GetTotalMemory(forceFullCollection: true) - before;
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {held / Math.Max(1.0, counter.Records):0.0} bytes held per job"));
    }

    private static void Report(TextWriter output, string what, long records, TimeSpan elapsed)
        => output.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{what,-50} {records,9} records {elapsed.TotalSeconds,7:0.000} s {records / elapsed.TotalSeconds,10:0}/s"));

    private sealed class Counter : IJobStoreReplay
    {
        public long Records { get; private set; }

        public void OnRecord(in StoredRecord record) => Records++;

        public void OnProgress(long doneBytes, long totalBytes)
        {
        }
    }
}
