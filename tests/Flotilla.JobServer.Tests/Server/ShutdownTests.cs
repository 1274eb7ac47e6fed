using Flotilla.Gearman.Protocol;
using Flotilla.JobServer.Core;
using Flotilla.JobServer.Stores;
using Flotilla.TestSupport;

namespace Flotilla.JobServer.Tests.Server;

/// <summary>How a server ends: nothing that was acknowledged is lost, nothing is handed out twice.</summary>
public sealed class ShutdownTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("flotilla-stop-").FullName;

    [Fact]
    public async Task DrainingWaitsForRunningJobsAndHandsOutNoMore()
    {
        await using var server = await StartAsync();
        using var worker = server.Connect().CanDo("f");
        using var client = server.Connect();
        var foreground = client.Send(PacketType.SubmitJob, "f", "", "running").Read(PacketType.JobCreated)[0];
        Assert.Equal(foreground, worker.Grab().Handle);
        var queued = client.Send(PacketType.SubmitJobBg, "f", "", "queued").Read(PacketType.JobCreated)[0];
        var stopping = server.Host.StopAsync(drain: true);
        await Deadline.UntilAsync(() => server.Host.Snapshot().IsDraining, "it drains");
        worker.Send(PacketType.GrabJob).Read(PacketType.NoJob);
        Assert.False(stopping.IsCompleted);
        worker.Send(PacketType.WorkComplete, foreground, "done");
        Assert.Equal([foreground, "done"], client.Read(PacketType.WorkComplete));
        await stopping.WaitAsync(Deadline.Default);
        Assert.True(client.IsEnded());
        await AssertQueuedAsync([queued]);
    }

    [Fact]
    public async Task DrainingEndsWhenItsPatienceDoesAndTheJobRunsAgainLater()
    {
        await using var server = await StartAsync(new JobServerOptions { DrainTimeout = TimeSpan.FromMilliseconds(200) });
        using var worker = server.Connect().CanDo("f");
        using var client = server.Connect();
        var handle = client.Send(PacketType.SubmitJobBg, "f", "", "").Read(PacketType.JobCreated)[0];
        Assert.Equal(handle, worker.Grab().Handle);
        await server.Host.StopAsync(drain: true).WaitAsync(Deadline.Default);
        await AssertQueuedAsync([handle]);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task AnImmediateStopCommitsAndAnswersWhatItWasGivenBeforeHoweverSlowTheStoreIs(int threads)
    {
        const int Clients = 10;
        const int JobsEach = 50;
        var store = new SlowStore(new FileJobStore(new FileJobStoreOptions { Folder = _folder }));
        await using var server = await TestServer.StartAsync(new JobServerOptions { Store = store, Threads = threads });
        var clients = Enumerable.Range(0, Clients).Select(_ => server.Connect()).ToList();
        foreach (var client in clients)
        {
            for (var i = 0; i < JobsEach; i++)
                client.Send(PacketType.SubmitJobBg, "f", "", $"job {i}");
        }

        await Deadline.UntilAsync(() => server.Host.Snapshot().Jobs == Clients * JobsEach, "all are with the store");
        var stopping = server.Host.StopAsync(drain: false);

        // Longer than connections may take to say goodbye.
        await Assert.ThrowsAsync<TimeoutException>(() => stopping.WaitAsync(TimeSpan.FromMilliseconds(2500)));
        store.GoOn();
        var handles = new HashSet<string>(StringComparer.Ordinal);
        foreach (var client in clients)
        {
            for (var i = 0; i < JobsEach; i++)
                Assert.True(handles.Add(client.Read(PacketType.JobCreated)[0]));
            Assert.True(client.IsEnded());
            client.Dispose();
        }

        await stopping.WaitAsync(Deadline.Default);
        await using var again = await StartAsync();
        var kept = (await again.Host.ExecuteAdminAsync("show jobs")).Split('\n').Select(line => line.Split('\t')[0]).ToHashSet(StringComparer.Ordinal);
        Assert.All(handles, handle => Assert.Contains(handle, kept));
    }

    [Fact]
    public async Task AnEndingThatCameWithTheStopIsCommitted()
    {
        var store = new SlowStore(new FileJobStore(new FileJobStoreOptions { Folder = _folder }));
        store.GoOn();
        await using (var server = await TestServer.StartAsync(new JobServerOptions { Store = store }))
        {
            using var worker = server.Connect().CanDo("f");
            using var client = server.Connect();
            client.Send(PacketType.SubmitJobBg, "f", "", "").Read(PacketType.JobCreated);
            var handle = worker.Grab().Handle;
            store.Hold();
            client.Send(PacketType.SubmitJobBg, "g", "", "");
            await store.Held.WaitAsync(Deadline.Default);
            worker.Send(PacketType.WorkComplete, handle, "done");
            await Deadline.UntilAsync(() => server.Host.Snapshot().RunningJobs == 0, "the job ended");
            var stopping = server.Host.StopAsync(drain: false);
            await Assert.ThrowsAsync<TimeoutException>(() => stopping.WaitAsync(TimeSpan.FromMilliseconds(2500)));
            store.GoOn();
            await stopping.WaitAsync(Deadline.Default);
        }

        await using var again = await StartAsync();
        Assert.Equal(1, again.Host.Snapshot().Jobs);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task AStopCostsNoJobItsLastAttempt(bool drain)
    {
        var once = new JobServerOptions
        {
            Threads = 3,
            DrainTimeout = TimeSpan.FromMilliseconds(200),
            Machine = new JobMachineOptions { DefaultPolicy = new RetryPolicy { Attempts = 1 } },
        };
        await using var server = await StartAsync(once);
        using var worker = server.Connect().CanDo("f");
        using var client = server.Connect();
        using var second = server.Connect().CanDo("f").Send(PacketType.PreSleep);
        var handles = new string[8];
        for (var i = 0; i < handles.Length; i++)
        {
            handles[i] = client.Send(PacketType.SubmitJobBg, "f", "", "").Read(PacketType.JobCreated)[0];
            Assert.Equal(handles[i], worker.Grab().Handle);
        }

        await server.Host.StopAsync(drain).WaitAsync(Deadline.Default);
        await AssertQueuedAsync(handles);
    }

    [Fact]
    public async Task HandlesAreNeverGivenTwiceNotEvenAfterARestart()
    {
        var handles = new HashSet<string>(StringComparer.Ordinal);
        for (var run = 0; run < 3; run++)
        {
            await using var server = await StartAsync();
            using var client = server.Connect();
            for (var i = 0; i < 20; i++)
                Assert.True(handles.Add(client.Send(PacketType.SubmitJob, "f", "", "").Read(PacketType.JobCreated)[0]));
        }
    }

    [Fact]
    public async Task WhoEndsItsSideIsStillAnsweredWhenTheStoreHasSpoken()
    {
        var store = new SlowStore(new FailingStore());
        await using var server = await TestServer.StartAsync(new JobServerOptions { Store = store });
        using var client = server.Connect().Send(PacketType.SubmitJobBg, "f", "", "").Send(PacketType.EchoReq, "behind it");
        client.EndOutput();
        await store.Held.WaitAsync(Deadline.Default);
        store.GoOn();
        client.Read(PacketType.JobCreated);
        client.Read(PacketType.EchoRes);
        Assert.True(client.IsEnded());
        await Deadline.UntilAsync(() => server.Host.Snapshot().Connections == 0, "it is closed");
    }

    [Fact]
    [Trait("tier", "full")]
    public async Task AListingThatIsLongIsReadToItsEndByWhoEndsItsSide()
    {
        await using var server = await TestServer.StartAsync();
        using var client = server.Connect();
        const int Jobs = 5000;
        for (var i = 0; i < Jobs; i++)
            client.Send(PacketType.SubmitJobBg, "f", "", "");
        await Deadline.UntilAsync(() => server.Host.Snapshot().Jobs == Jobs, "all are queued");
        using var lister = server.Connect().Send("show jobs\n");
        lister.EndOutput();
        Assert.Equal(Jobs + 1, lister.ReadText(isList: true).Count(letter => letter == '\n'));
        Assert.True(lister.IsEnded());
    }

    [Fact]
    public async Task AStoreThatFailsIsAnErrorForTheSubmitterOnly()
    {
        var store = new FailingStore();
        await using var server = await TestServer.StartAsync(new JobServerOptions { Store = store });
        using var worker = server.Connect().CanDo("f");
        using var client = server.Connect();
        var first = client.Send(PacketType.SubmitJobBg, "f", "", "stored").Read(PacketType.JobCreated)[0];
        store.IsFull = true;
        var error = client.Send(PacketType.SubmitJobBg, "f", "", "refused").Read(PacketType.Error);
        Assert.Equal("QUEUE_ERROR", error[0]);
        var foreground = client.Send(PacketType.SubmitJob, "f", "", "needs no store").Read(PacketType.JobCreated)[0];
        foreach (var handle in (string[])[first, foreground])
        {
            Assert.Equal(handle, worker.Grab().Handle);
            worker.Send(PacketType.WorkComplete, handle, "done");
        }

        Assert.Equal([foreground, "done"], client.Read(PacketType.WorkComplete));
        store.IsFull = false;
        client.Send(PacketType.SubmitJobBg, "f", "", "stored again").Read(PacketType.JobCreated);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private Task<TestServer> StartAsync(JobServerOptions? options = null)
        => TestServer.StartAsync((options ?? new JobServerOptions()) with { Store = new FileJobStore(new FileJobStoreOptions { Folder = _folder }) });

    /// <summary>After a restart exactly these jobs are there, each handed out once.</summary>
    private async Task AssertQueuedAsync(string[] handles)
    {
        await using var server = await StartAsync();
        using var worker = server.Connect().CanDo("f");
        var taken = new List<string>();
        for (var i = 0; i < handles.Length; i++)
            taken.Add(worker.Grab().Handle);
        worker.Send(PacketType.GrabJob).Read(PacketType.NoJob);
        Assert.Equal(handles.Order(StringComparer.Ordinal), taken.Order(StringComparer.Ordinal));
    }
}
