using System.Globalization;
using Flotilla.JobServer.Stores;
using Flotilla.Primitives;
using Flotilla.TestSupport;

namespace Flotilla.JobServer.Tests.Stores;

/// <summary>The stores on real file systems, where the simulated disk is only a theory.</summary>
public sealed class DiskStoreFilesTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("flotilla-files-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void TheOperationsDoWhatTheInterfaceSays()
    {
        var files = new DiskStoreFiles(Path.Combine(_folder, "new", "folder"));
        using var held = files.Lock();
        using (var file = files.Create("spare"))
        {
            file.Reserve(10_000);
            Assert.Equal(10_000, file.LengthBytes);
            file.Write(9_999, [7, 8]);
            file.Flush();
            Span<byte> read = [1, 1, 1, 1];
            Assert.Equal(3, file.Read(9_998, read));
            Assert.Equal([0, 7, 8, 1], read.ToArray());
            file.Reserve(5);
            Assert.Equal(10_001, file.LengthBytes);
            file.SetLength(100);
            Assert.Equal(0, file.Read(100, read));
        }

        files.Create("0000000001.jobs").Dispose();
        files.Rename("spare", "0000000001.jobs");
        files.FlushFolder();
        using (var file = files.Open("0000000001.jobs"))
            Assert.Equal(100, file.LengthBytes);
        Assert.DoesNotContain("spare", files.List());
        files.Delete("0000000001.jobs");
        Assert.DoesNotContain("0000000001.jobs", files.List());
        Assert.True(files.FreeBytes > 0);
    }

    [Fact]
    public void FailuresNameThePath()
    {
        var files = new DiskStoreFiles(_folder);
        var missing = Assert.Throws<StoreFileException>(() => files.Open("nothing"));
        Assert.Contains(Path.Combine(_folder, "nothing"), missing.Message, StringComparison.Ordinal);
        Assert.False(missing.IsDiskFull);
        Assert.Throws<StoreFileException>(() => new DiskStoreFiles(Path.Combine(_folder, "nowhere")).FlushFolder());
        File.WriteAllText(Path.Combine(_folder, "file"), "");
        Assert.Throws<StoreFileException>(() => new DiskStoreFiles(Path.Combine(_folder, "file")).Lock());
    }

    [Fact]
    public async Task TheHolderOfAFolderIsNamed()
    {
        await using var first = new FileJobStore(new FileJobStoreOptions { Folder = _folder });
        await first.OpenAndReadAsync();
        await using var second = new FileJobStore(new FileJobStoreOptions { Folder = _folder });
        var refused = await Assert.ThrowsAsync<JobStoreException>(async () => await second.OpenAndReadAsync());
        Assert.Contains(_folder, refused.Message, StringComparison.Ordinal);
        Assert.Contains("process " + Environment.ProcessId.ToString(CultureInfo.InvariantCulture), refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AFullDiskRefusesNewJobsWhileJobsThatEndGoOnInFiles()
        => await FillDrainAndFillAgainAsync(folder => new FileJobStore(new FileJobStoreOptions { Folder = folder, SegmentBytes = 65_536 }));

    [Fact]
    public async Task AFullDiskRefusesNewJobsAndLosesNoneInSqlite()
        => await FillDrainAndFillAgainAsync(folder => new SqliteJobStore(Path.Combine(folder, "jobs.db")), canDrain: false);

    [Fact]
    [Trait("tier", "full")]
    public async Task ARealDiskHoldsWhatASimpleModelHoldsOverManyRestarts()
    {
        var random = new SeededRandom(11);
        var workload = new StoreWorkload(random, dataBytesMax: 500);
        var model = new StoreModel();
        for (var opening = 0; opening < 40; opening++)
        {
            await using var store = new FileJobStore(new FileJobStoreOptions { Folder = _folder, SegmentBytes = 32_768 });
            Assert.Equal(model.Image(), await store.OpenAndReadAsync());
            for (var i = random.Next(60); i >= 0; i--)
            {
                var batch = workload.NextBatch(model, recordsMax: 20);
                await store.CommitAsync(batch);
                model.Apply(batch);
            }
        }
    }

    private static async Task FillDrainAndFillAgainAsync(Func<string, IJobStore> make, bool canDrain = true)
    {
        Assert.SkipUnless(SmallDisk.IsPossible, "only root can mount a small file system");
        using var disk = SmallDisk.Mount(1024 * 1024);
        var folder = Path.Combine(disk.Folder, "jobs");
        var kept = new List<ModelRecord>();
        await using (var store = make(folder))
        {
            await store.OpenAndReadAsync();
            var refused = await FillAsync(store, kept);
            Assert.True(kept.Count > 50, $"{kept.Count} jobs fit");
            Assert.Contains("disk is full", refused.Message, StringComparison.Ordinal);
            Assert.Contains(folder, refused.Message, StringComparison.Ordinal);
            Assert.Matches("[0-9]+ bytes are free", refused.Message);
        }

        await using (var store = make(folder))
        {
            Assert.Equal(kept, await store.OpenAndReadAsync());
            if (!canDrain)
                return;
            foreach (var record in kept)
                await store.CommitAsync(ModelRecord.Removed(record.Id));
            kept.Clear();
            await FillAsync(store, kept);
            Assert.True(kept.Count > 50, $"{kept.Count} jobs fit");
        }

        await using var last = make(folder);
        Assert.Equal(kept, await last.OpenAndReadAsync());
    }

    private static async Task<JobStoreException> FillAsync(IJobStore store, List<ModelRecord> kept)
    {
        while (true)
        {
            var job = ModelRecord.Job(store.HighestId.Value + 1, new string('x', 500));
            if (await Record.ExceptionAsync(async () => await store.CommitAsync(job)) is { } problem)
                return Assert.IsType<JobStoreException>(problem);
            kept.Add(job);
        }
    }
}
