using Flotilla.JobServer.Core;
using Flotilla.Primitives;

namespace Flotilla.JobServer.Tests.Stores;

/// <summary>
/// What every <see cref="IJobStore"/> must do. A test class per store derives from this and says how one is made; each call of
/// <see cref="Make"/> within a test must lead to the same data.
/// </summary>
public abstract class JobStoreContract
{
    protected abstract IJobStore Make();

    [Fact]
    public async Task ANewStoreIsEmpty()
    {
        await using var store = Make();
        Assert.Empty(await store.OpenAndReadAsync());
        Assert.Equal(0u, store.HighestId.Value);
        Assert.NotEmpty(store.Description);
    }

    [Fact]
    public async Task EveryFieldComesBackByteForByte()
    {
        var all = new string([.. Enumerable.Range(0, 256).Select(value => (char)value)]);
        ModelRecord[] records =
        [
            new(StoredRecordKind.JobAdded, 1)
            {
                Priority = JobPriority.High,
                Attempts = 3,
                DueMs = 1_700_000_000_123,
                Function = "f\0" + all,
                Unique = "u" + all,
                Reducer = "r" + all,
                Data = all + all,
            },
            new(StoredRecordKind.JobAdded, 2) { Priority = JobPriority.Low, Function = "empty" },
            new(StoredRecordKind.ScheduleAdded, 3) { Function = "nightly", Unique = "-", Schedule = "0 3 * * *", Data = all },
            new(StoredRecordKind.FunctionSet, 0) { Function = all, Data = "attempts=3 backoff=5s" },
        ];
        await CommitOneByOneAsync(records);
        await ExpectAsync(records);
    }

    [Fact]
    public async Task JobsWithoutAUniqueKeyOrWithTheSameOneAreAllKept()
    {
        ModelRecord[] records =
        [
            ModelRecord.Job(1),
            ModelRecord.Job(2),
            ModelRecord.Job(3) with { Unique = "-" },
            ModelRecord.Job(4) with { Unique = "-" },
            ModelRecord.Job(5) with { Unique = "same" },
            ModelRecord.Job(6) with { Unique = "same" },
        ];
        await CommitAllAsync(records);
        await ExpectAsync(records);
    }

    [Fact]
    public async Task AJobWithoutAPayloadIsReadBack()
    {
        await CommitAllAsync(ModelRecord.Job(1, ""));
        await ExpectAsync(ModelRecord.Job(1, ""));
    }

    [Fact]
    public async Task TheReducerOfAJobIsKept()
    {
        await CommitAllAsync(ModelRecord.Job(1) with { Reducer = "sum" });
        await ExpectAsync(ModelRecord.Job(1) with { Reducer = "sum" });
    }

    [Fact]
    public async Task JobsComeInTheOrderOfTheirIdsThenSchedulesThenSettings()
    {
        var setting = new ModelRecord(StoredRecordKind.FunctionSet, 0) { Function = "f", Data = "paused" };
        var schedule = new ModelRecord(StoredRecordKind.ScheduleAdded, 1) { Function = "f", Schedule = "* * * * *" };
        await CommitAllAsync(setting, schedule, ModelRecord.Job(20), ModelRecord.Job(10), ModelRecord.Job(15));
        await ExpectAsync(ModelRecord.Job(10), ModelRecord.Job(15), ModelRecord.Job(20), schedule, setting);
    }

    [Fact]
    public async Task ARemovedJobDoesNotComeBack()
    {
        await CommitOneByOneAsync(ModelRecord.Job(1), ModelRecord.Job(2), ModelRecord.Removed(1));
        await CommitAllAsync(ModelRecord.Job(3), ModelRecord.Removed(3));
        await ExpectAsync(ModelRecord.Job(2));
    }

    [Fact]
    public async Task ARetriedJobComesAsOneRecordWithItsLatestAttemptsAndDueTime()
    {
        var retried = new ModelRecord(StoredRecordKind.JobRetried, 1);
        await CommitOneByOneAsync(
            ModelRecord.Job(1),
            retried with { Attempts = 1, DueMs = 5_000 },
            retried with { Attempts = 2, DueMs = 9_000 });
        await ExpectAsync(ModelRecord.Job(1) with { Attempts = 2, DueMs = 9_000 });
    }

    [Fact]
    public async Task ABuriedJobIsFollowedByItsBurialUntilItIsRetried()
    {
        var buried = new ModelRecord(StoredRecordKind.JobBuried, 1) { Attempts = 3, Data = "worker lost" };
        await CommitAllAsync(ModelRecord.Job(1), buried);
        await ExpectAsync(ModelRecord.Job(1) with { Attempts = 3 }, buried);
        await CommitAllAsync(new ModelRecord(StoredRecordKind.JobRetried, 1));
        await ExpectAsync(ModelRecord.Job(1));
    }

    [Fact]
    public async Task AScheduleRemembersItsLastFiringUntilItIsRemoved()
    {
        var schedule = new ModelRecord(StoredRecordKind.ScheduleAdded, 1) { Function = "f", Schedule = "* * * * *" };
        var fired = new ModelRecord(StoredRecordKind.ScheduleFired, 1);
        await CommitOneByOneAsync(schedule, fired with { DueMs = 60_000 }, fired with { DueMs = 120_000 });
        await ExpectAsync(schedule, fired with { DueMs = 120_000 });
        await CommitAllAsync(new ModelRecord(StoredRecordKind.ScheduleRemoved, 1));
        await ExpectAsync();
    }

    [Fact]
    public async Task OnlyTheLatestSettingsOfAFunctionAreKeptAndEmptyOnesAreForgotten()
    {
        var setting = new ModelRecord(StoredRecordKind.FunctionSet, 0) { Function = "f" };
        await CommitOneByOneAsync(setting with { Data = "paused" }, setting with { Data = "attempts=3" });
        await ExpectAsync(setting with { Data = "attempts=3" });
        await CommitAllAsync(setting);
        await ExpectAsync();
    }

    [Fact]
    public async Task ChangesOfUnknownJobsMeanNothing()
    {
        await CommitAllAsync(
            new ModelRecord(StoredRecordKind.JobRetried, 7) { Attempts = 1 },
            new ModelRecord(StoredRecordKind.JobBuried, 8),
            new ModelRecord(StoredRecordKind.ScheduleFired, 9),
            ModelRecord.Removed(10));
        await CommitAllAsync(ModelRecord.Job(11));
        await ExpectAsync(ModelRecord.Job(11));
    }

    [Fact]
    public async Task TheHighestIdOutlivesItsJob()
    {
        await CommitAllAsync(ModelRecord.Job(41), ModelRecord.Job(42));
        await CommitAllAsync(ModelRecord.Removed(42), ModelRecord.Removed(41));
        await using var store = Make();
        Assert.Empty(await store.OpenAndReadAsync());
        Assert.Equal(42u, store.HighestId.Value);
        await store.CommitAsync(ModelRecord.Job(50));
        Assert.Equal(50u, store.HighestId.Value);
    }

    [Fact]
    public async Task AnEmptyBatchIsNothing()
    {
        await CommitAllAsync();
        await ExpectAsync();
    }

    [Fact]
    public async Task ALargePayloadComesBackWhole()
    {
        var data = new string('x', 20_000_000) + "end";
        await CommitAllAsync(ModelRecord.Job(1), ModelRecord.Job(2, data), ModelRecord.Job(3));
        await using var store = Make();
        var records = await store.OpenAndReadAsync();
        Assert.Equal([1, 2, 3], records.Select(record => (int)record.Id));
        Assert.True(records[1].Data == data);
    }

    [Fact]
    public async Task ASecondServerOnTheSameDataIsRefused()
    {
        await using var first = Make();
        await first.OpenAndReadAsync();
        await using (var second = Make())
        {
            var refused = await Assert.ThrowsAsync<JobStoreException>(async () => await second.OpenAndReadAsync());
            Assert.Contains("in use", refused.Message, StringComparison.Ordinal);
        }

        await first.CommitAsync(ModelRecord.Job(1));
    }

    [Fact]
    public async Task AStoreThatWasClosedCanBeOpenedByTheNext()
    {
        for (var round = 1u; round <= 5; round++)
        {
            await using var store = Make();
            Assert.Equal((int)round - 1, (await store.OpenAndReadAsync()).Count);
            await store.CommitAsync(ModelRecord.Job(round));
        }
    }

    [Fact]
    public async Task ACancelledCommitWritesNothing()
    {
        await using (var store = Make())
        {
            await store.OpenAndReadAsync();
            var batch = new JobStoreBatch();
            ModelRecord.Job(1).AddTo(batch);
            await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await store.CommitAsync(batch, new CancellationToken(canceled: true)));
        }

        await ExpectAsync();
    }

    [Fact]
    public async Task ProgressIsReportedUpToTheEnd()
    {
        await CommitAllAsync([.. Enumerable.Range(1, 100).Select(id => ModelRecord.Job((ulong)id))]);
        await using var store = Make();
        var collector = new ReplayCollector();
        await store.OpenAsync(collector, CancellationToken.None);
        Assert.NotEmpty(collector.Progress);
        Assert.All(collector.Progress, step => Assert.InRange(step.Done, 0, step.Total));
        Assert.Equal(collector.Progress[^1].Total, collector.Progress[^1].Done);
    }

    [Fact]
    public async Task ItHoldsWhatASimpleModelHolds()
    {
        var random = new SeededRandom(1);
        var workload = new StoreWorkload(random);
        var model = new StoreModel();
        for (var opening = 0; opening < 8; opening++)
        {
            await using var store = Make();
            Assert.Equal(model.Image(), await store.OpenAndReadAsync());
            Assert.Equal(model.HighestId, store.HighestId.Value);
            for (var i = random.Next(30); i >= 0; i--)
            {
                var batch = workload.NextBatch(model);
                await store.CommitAsync(batch);
                model.Apply(batch);
            }
        }
    }

    private protected async Task CommitAllAsync(params ModelRecord[] records)
    {
        await using var store = Make();
        await store.OpenAndReadAsync();
        await store.CommitAsync(records);
    }

    private protected async Task CommitOneByOneAsync(params ModelRecord[] records)
    {
        await using var store = Make();
        await store.OpenAndReadAsync();
        foreach (var record in records)
            await store.CommitAsync(record);
    }

    private protected async Task ExpectAsync(params ModelRecord[] records)
    {
        await using var store = Make();
        Assert.Equal(records, await store.OpenAndReadAsync());
    }
}
