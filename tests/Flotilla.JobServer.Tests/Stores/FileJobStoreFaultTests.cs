using Flotilla.JobServer.Core;
using Flotilla.JobServer.Stores;
using Flotilla.Simulation;

namespace Flotilla.JobServer.Tests.Stores;

/// <summary>Disks that fail, fill up and lie.</summary>
public sealed class FileJobStoreFaultTests
{
    [Fact]
    public async Task AFailedFlushIsNeverTrustedAgainAndItsBatchDoesNotComeBack()
    {
        foreach (var policy in Enum.GetValues<CrashPolicy>())
        {
            var run = new StoreRun(seed: 3, segmentBytes: 65_536);
            await run.OpenAsync();
            await run.CommitAsync(5);
            run.Disk.FailAt(run.Disk.Operations + 1, DiskFault.Error);
            await run.CommitAsync(1);
            Assert.Equal(1, run.Refused);
            Assert.False(run.Store.HasUncertainTail);
            Assert.Contains("0000000002.jobs", run.Disk.Names);
            await run.CrashAndReopenAsync(policy);
            await run.CommitAsync(3);
            await run.CrashAndReopenAsync(policy);
            Assert.Equal(1, run.Refused);
        }
    }

    [Fact]
    public async Task AFailedWriteLeavesNothingBehind()
    {
        var run = new StoreRun(seed: 4, segmentBytes: 65_536);
        await run.OpenAsync();
        await run.CommitAsync(5);
        run.Disk.FailAt(run.Disk.Operations, DiskFault.Error);
        await run.CommitAsync(1);
        await run.CommitAsync(5);
        Assert.Equal(1, run.Refused);
        await run.CloseAsync();
        await run.OpenAsync();
        Assert.Empty(run.Warnings);
    }

    [Fact]
    public async Task ADiskThatIsGoneForAWhileCostsOnlyTheBatchesOfThatWhile()
    {
        var run = new StoreRun(seed: 5);
        await run.OpenAsync();
        await run.CommitAsync(10);
        run.Disk.FailFromNowOn(DiskFault.Error);
        await run.CommitAsync(10);
        Assert.Equal(10, run.Refused);
        Assert.True(run.Store.HasUncertainTail);
        run.Disk.Heal();
        await run.CommitAsync(10);
        Assert.Equal(10, run.Refused);
        Assert.False(run.Store.HasUncertainTail);
        await run.CrashAndReopenAsync(CrashPolicy.Random);
    }

    [Fact]
    public async Task AfterAKillTheLastBatchIsWrittenAgainBeforeItIsReported()
    {
        var run = new StoreRun(seed: 6, segmentBytes: 65_536);
        await run.OpenAsync();
        await run.CommitAsync(5);
        run.Disk.FailAt(run.Disk.Operations + 1, DiskFault.Crash);
        await Assert.ThrowsAsync<SimulatedCrashException>(() => run.CommitAsync(1));
        run.Disk.KillProcess();
        await run.OpenAsync();
        await run.CrashAndReopenAsync(CrashPolicy.LoseAll);
        Assert.Equal(0, run.Refused);
    }

    [Fact]
    public async Task AFullDiskRefusesNewJobsWithThePathAndTheFreeBytesWhileJobsThatEndGoOn()
    {
        const int SegmentBytes = 4_096;
        var run = new StoreRun(seed: 7, SegmentBytes, capacityBytes: 6 * SegmentBytes);
        await run.OpenAsync();
        var next = 1ul;
        JobStoreException? refused = null;
        while (refused is null)
        {
            refused = await Record.ExceptionAsync(async () => await run.Store.CommitAsync(ModelRecord.Job(next, new string('x', 200)))) as JobStoreException;
            next += refused is null ? 1u : 0u;
        }

        Assert.Contains("/simulated", refused.Message, StringComparison.Ordinal);
        Assert.Contains("disk is full", refused.Message, StringComparison.Ordinal);
        Assert.Contains($"{run.Disk.CapacityBytes - run.Disk.UsedBytes} bytes are free", refused.Message, StringComparison.Ordinal);
        Assert.True(run.Store.Status.IsFull);

        for (var id = 1ul; id < next; id++)
            await run.Store.CommitAsync(ModelRecord.Removed(id));
        await run.Store.CommitAsync(ModelRecord.Job(next));
        Assert.False(run.Store.Status.IsFull);
        Assert.Equal(1, run.Store.Status.Jobs);
    }

    [Fact]
    public async Task AFullDiskOpensAndJobsThatEndGoOn()
    {
        const int SegmentBytes = 4_096;
        var run = new StoreRun(seed: 8, SegmentBytes, capacityBytes: 6 * SegmentBytes);
        await run.OpenAsync();
        var next = 1ul;
        while (await Record.ExceptionAsync(async () => await run.Store.CommitAsync(ModelRecord.Job(next, new string('x', 200)))) is null)
            next++;
        run.Disk.KillProcess();
        run.Disk.CapacityBytes = run.Disk.UsedBytes;
        await using var store = new FileJobStore(
            new FileJobStoreOptions { Folder = "x", SegmentBytes = SegmentBytes }, new SimulatedStoreFiles(run.Disk), new(99));
        Assert.Equal((int)next - 1, (await store.OpenAndReadAsync()).Count);
        for (var id = 1ul; id < next; id++)
            await store.CommitAsync(ModelRecord.Removed(id));
        await store.CommitAsync(ModelRecord.Job(next));
    }

    [Fact]
    public async Task WhatRefusedBatchesEndedCanBeCommittedLater()
    {
        var batch = new JobStoreBatch();
        ModelRecord.Job(1).AddTo(batch);
        ModelRecord.Removed(2).AddTo(batch);
        new ModelRecord(StoredRecordKind.JobRetried, 3) { Attempts = 2 }.AddTo(batch);
        new ModelRecord(StoredRecordKind.ScheduleAdded, 4).AddTo(batch);
        Assert.True(batch.HasAdditions);
        batch.KeepEndings();
        Assert.False(batch.HasAdditions);
        var kept = new List<ModelRecord>();
        foreach (var record in batch)
            kept.Add(ModelRecord.Of(record));
        Assert.Equal([ModelRecord.Removed(2), new ModelRecord(StoredRecordKind.JobRetried, 3) { Attempts = 2 }], kept);
        Assert.Equal(2, batch.Count);
        await Task.CompletedTask;
    }

    [Fact]
    public async Task AJobLargerThanASegmentGetsOneOfItsOwn()
    {
        var run = new StoreRun(seed: 9);
        await run.OpenAsync();
        await run.Store.CommitAsync(ModelRecord.Job(1));
        await run.Store.CommitAsync(ModelRecord.Job(2, new string('x', 50_000)));
        await run.Store.CommitAsync(ModelRecord.Job(3));
        run.Disk.Crash(CrashPolicy.LoseAll);
        await using var store = new FileJobStore(new FileJobStoreOptions { Folder = "x", SegmentBytes = 4_096 }, new SimulatedStoreFiles(run.Disk), new(99));
        Assert.Equal([1, 2, 3], (await store.OpenAndReadAsync()).Select(record => (int)record.Id));
    }

    [Fact]
    public async Task FilesThatCouldNotBeDeletedGoAtTheNextOpening()
    {
        var run = new StoreRun(seed: 1);
        await run.OpenAsync();
        run.Disk.Fails = (what, _) => what == "delete" ? DiskFault.Error : null;
        await run.CommitAsync(60);
        run.Disk.Heal();
        Assert.Contains(run.Warnings, warning => warning.Contains("could not be deleted", StringComparison.Ordinal));
        await run.CommitAsync(30);
        await run.CloseAsync();
        await run.OpenAsync();
        Assert.DoesNotContain("0000000001.jobs", run.Disk.Names);
        Assert.Equal(run.Store.Status.Segments, run.Disk.Names.Count(name => name.EndsWith(".jobs", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task AStalledDiskDelaysAndHarmsNothing()
    {
        var world = new World(1);
        var disk = world.Disk("jobs");
        await using var store = new FileJobStore(new FileJobStoreOptions { Folder = "x" }, new SimulatedStoreFiles(disk), new(1));
        await store.OpenAndReadAsync();
        disk.StallAt(disk.Operations + 1, ms: 60_000);
        await store.CommitAsync(ModelRecord.Job(1));
        Assert.Equal(World.DefaultStartMs + 60_000, world.Clock.NowMs);
    }
}
