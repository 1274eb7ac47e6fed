using Flotilla.JobServer.Core;
using Flotilla.JobServer.Stores;
using Flotilla.Primitives;
using Flotilla.Simulation;

namespace Flotilla.JobServer.Tests.Stores;

/// <summary>Cleaning keeps the disk small, with bounded work per commit, and forgets nothing.</summary>
public sealed class SegmentCleaningTests
{
    private const int SegmentBytes = 16_384;

    private readonly SimulatedDisk _disk = new(new(1));

    [Theory]
    [InlineData("first in first out")]
    [InlineData("last in first out")]
    [InlineData("random")]
    [InlineData("cold")]
    public async Task UsedBytesStayNearTwiceTheLiveBytes(string order)
    {
        var random = new SeededRandom(5);
        await using var store = Make();
        await store.OpenAndReadAsync();
        var live = new List<ulong>();
        var next = 1ul;
        for (var step = 0; step < 3_000; step++)
        {
            var batch = new List<ModelRecord>();
            for (var i = 0; i < 10; i++)
            {
                batch.Add(ModelRecord.Job(next, new string('x', random.Next(150))));
                live.Add(next++);
                if (live.Count < 1_000)
                    continue;
                var at = order switch
                {
                    "first in first out" => 0,
                    "last in first out" => live.Count - 1 - random.Next(10),
                    "random" => random.Next(live.Count),
                    _ => 900 + random.Next(live.Count - 900),
                };
                batch.Add(ModelRecord.Removed(live[at]));
                live.RemoveAt(at);
            }

            await store.CommitAsync(batch);
            Assert.InRange(store.Status.UsedBytes, 0, 2 * store.Status.LiveBytes + 2 * SegmentBytes);
        }

        Assert.Equal(live.Count, store.Status.Jobs);
    }

    [Fact]
    public async Task WhenAllJobsAreGoneAlmostNothingIsLeft()
    {
        await using (var store = Make())
        {
            await store.OpenAndReadAsync();
            for (var id = 1ul; id <= 5_000; id++)
                await store.CommitAsync(ModelRecord.Job(id));
            var random = new SeededRandom(1);
            foreach (var id in Enumerable.Range(1, 5_000).OrderBy(_ => random.NextUInt64()))
                await store.CommitAsync(ModelRecord.Removed((ulong)id));
            Assert.Equal(0, store.Status.LiveBytes);
            Assert.InRange(store.Status.UsedBytes, 0, 2 * SegmentBytes);
        }

        Assert.InRange(_disk.Names.Count, 1, 3);
        await using var again = Make();
        Assert.Empty(await again.OpenAndReadAsync());
        Assert.Equal(5_000u, again.HighestId.Value);
    }

    [Fact]
    public async Task ManyRestartsLeaveFewFiles()
    {
        for (var id = 1ul; id <= 100; id++)
        {
            await using var store = Make();
            await store.OpenAndReadAsync();
            await store.CommitAsync(ModelRecord.Job(id));
        }

        Assert.InRange(_disk.Names.Count, 1, 20);
    }

    [Fact]
    public async Task ChangesOfAJobThatLivesForLongDoNotPileUp()
    {
        await using var store = Make();
        await store.OpenAndReadAsync();
        await store.CommitAsync(new ModelRecord(StoredRecordKind.ScheduleAdded, 1) { Function = "f", Schedule = "* * * * *" }, ModelRecord.Job(2));
        for (var minute = 1; minute <= 20_000; minute++)
        {
            await store.CommitAsync(
                new ModelRecord(StoredRecordKind.ScheduleFired, 1) { DueMs = minute },
                new ModelRecord(StoredRecordKind.JobRetried, 2) { Attempts = minute },
                new ModelRecord(StoredRecordKind.FunctionSet, 0) { Function = "f", Data = "attempts=" + minute });
        }

        Assert.InRange(store.Status.UsedBytes, 0, 3 * SegmentBytes);
        await store.DisposeAsync();
        await using var again = Make();
        var records = await again.OpenAndReadAsync();
        Assert.Equal([20_000, 0, 0, 0], records.Select(record => record.Attempts));
        Assert.Equal([0, 0, 20_000, 0], records.Select(record => (int)record.DueMs));
        Assert.Equal("attempts=20000", records[^1].Data);
    }

    private FileJobStore Make() => new(
        new FileJobStoreOptions { Folder = "x", SegmentBytes = SegmentBytes }, new SimulatedStoreFiles(_disk), new((ulong)_disk.Operations + 1));
}
