using System.Collections.Concurrent;
using System.Net;
using Flotilla.JobServer.Core;
using Flotilla.JobServer.Stores;
using Flotilla.TestSupport;

namespace Flotilla.JobServer.Tests.Stores;

/// <summary>A store behind a running server.</summary>
public sealed class HostedStoreTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("flotilla-hosted-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task EveryJobOfTheStoreIsThereAfterEveryRestartTheNewestToo()
    {
        await using (var store = Make())
        {
            await store.OpenAndReadAsync();
            await store.CommitAsync(ModelRecord.Job(1), ModelRecord.Job(2), ModelRecord.Job(3));
        }

        for (var restart = 0; restart < 2; restart++)
        {
            await using var server = await StartAsync(Make());
            Assert.Equal(3, server.Snapshot().Jobs);
        }
    }

    [Fact]
    public async Task JobsEndOnAFullDiskHoweverManyAreSubmitted()
    {
        var store = new FullStore();
        await using var server = await StartAsync(store);
        try
        {
            Assert.Equal("OK\r\n", await server.ExecuteAdminAsync("pause f"));
            await store.FirstCommit;
            Assert.Equal("OK\r\n", await server.ExecuteAdminAsync("cancel job H:test:1"));
            Assert.Equal("OK\r\n", await server.ExecuteAdminAsync("pause g"));
        }
        finally
        {
            store.GoOn();
        }

        await Deadline.UntilAsync(() => store.Removed.Contains(1ul), "the removal is stored");
    }

    private static Task<JobServerHost> StartAsync(IJobStore store) => JobServerHost.StartAsync(new JobServerOptions
    {
        Listeners = [new JobServerListener { EndPoint = new IPEndPoint(IPAddress.Loopback, 0) }],
        Machine = new JobMachineOptions { HandlePrefix = "H:test" },
        Store = store,
    });

    private FileJobStore Make() => new(new FileJobStoreOptions { Folder = Path.Combine(_folder, "jobs") });

    /// <summary>Holds one job, takes no additions, and lets the first commit wait until it is told to go on.</summary>
    private sealed class FullStore : IJobStore
    {
        private readonly TaskCompletionSource _first = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _goOn = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public ConcurrentBag<ulong> Removed { get; } = [];

        public Task FirstCommit => _first.Task;

        public string Description => "full";

        public JobId HighestId => new(1);

        public void GoOn() => _goOn.SetResult();

        public ValueTask OpenAsync(IJobStoreReplay replay, CancellationToken cancellationToken)
        {
            replay.OnRecord(new StoredRecord { Kind = StoredRecordKind.JobAdded, Id = HighestId, Function = "f"u8 });
            return default;
        }

        public async ValueTask CommitAsync(JobStoreBatch batch, CancellationToken cancellationToken)
        {
            _first.TrySetResult();
            await _goOn.Task;
            if (batch.HasAdditions)
                throw new JobStoreException("the disk is full");
            foreach (var record in batch)
                Removed.Add(record.Id.Value);
        }

        public ValueTask DisposeAsync() => default;
    }
}
