using System.Collections.Concurrent;
using Flotilla.Gearman.Tests.Servers;
using Flotilla.TestSupport;

namespace Flotilla.Gearman.Tests.Conversations;

public sealed class WorkerTests(JobServers servers)
{
    [Theory]
    [ServersWith]
    public async Task NoMoreJobsRunAtOnceThanAllowed(ServerKind kind)
    {
        await using var talk = await Talk.WithAsync(servers, kind);
        var running = new Held();
        await talk.WorkAsync(running.HoldAsync, options => options with { MaxConcurrency = 3 });
        var client = talk.Client();
        var jobs = Enumerable.Range(0, 20).Select(_ => client.SubmitAsync(talk.Function, default)).ToList();
        await running.WhenAsync(3);
        for (var i = 0; i < 10; i++)
            await client.EchoAsync(Talk.Bytes("time for one more"));
        Assert.Equal(3, running.Highest);
        running.Release();
        await Task.WhenAll(jobs).WaitAsync(Deadline.Default);
        Assert.Equal(3, running.Highest);
    }

    [Theory]
    [ServersWith]
    public async Task AFunctionMayHaveALimitOfItsOwn(ServerKind kind)
    {
        await using var talk = await Talk.WithAsync(servers, kind);
        var limited = new Held();
        var free = new Held();
        var other = Talk.NewName();
        var worker = talk.NewWorker(options => options with { MaxConcurrency = 32 });
        worker.Register(talk.Function, limited.HoldAsync, new FunctionOptions { MaxConcurrency = 2 });
        worker.Register(other, free.HoldAsync);
        await worker.StartAsync().WaitAsync(Deadline.Default);
        var client = talk.Client();
        var jobs = Enumerable.Range(0, 40).Select(i => client.SubmitAsync(i % 2 == 0 ? talk.Function : other, default)).ToList();
        await limited.WhenAsync(2);
        await free.WhenAsync(20);
        Assert.Equal(2, limited.Highest);
        limited.Release();
        free.Release();
        await Task.WhenAll(jobs).WaitAsync(Deadline.Default);
        Assert.Equal(2, limited.Highest);
    }

    [Theory]
    [ServersWith]
    public async Task OneWorkerServesTwoServersFairly(ServerKind kind)
    {
        await using var talk = await Talk.WithAsync(servers, kind);
        await using var second = await JobServers.StartAsync(kind);
        await using var there = new Talk(second);
        var here = talk.Client();
        var away = there.Client();
        var jobs = new List<Task<JobHandle>>();
        for (var i = 0; i < 20; i++)
        {
            jobs.Add(here.SubmitBackgroundAsync(talk.Function, Talk.Bytes("here")));
            jobs.Add(away.SubmitBackgroundAsync(talk.Function, Talk.Bytes("away")));
        }

        await Task.WhenAll(jobs);
        var order = new ConcurrentQueue<string>();
        await talk.WorkAsync(
            async (job, token) =>
            {
                order.Enqueue(job.Text);
                await Task.Delay(2, token);
                return default;
            },
            options => options with { Servers = [talk.Server.Address, second.Address], MaxConcurrency = 1 });
        await Deadline.UntilAsync(() => order.Count == 40, "all jobs of both servers ran");
        // Neither server's jobs wait until the other has none left.
        Assert.True(order.Take(30).Distinct().Count() == 2, string.Join(' ', order));
        Assert.InRange(order.Take(30).Count(text => text == "away"), 5, 25);
    }

    [Theory]
    [ServersWith]
    public async Task FunctionsComeAndGoWhileTheWorkerRuns(ServerKind kind)
    {
        await using var talk = await Talk.WithAsync(servers, kind);
        var client = talk.Client();
        var worker = await talk.WorkAsync(Talk.Echo);
        var added = Talk.NewName();
        var waiting = await client.StartAsync(new JobRequest(added, Talk.Bytes("was there before")));
        worker.Register(added, Talk.Reverse);
        Assert.Equal("erofeb ereht saw", (await waiting.Completion.WaitAsync(Deadline.Default)).Text);

        await worker.UnregisterAsync(added).WaitAsync(Deadline.Default);
        var left = await client.StartAsync(new JobRequest(added, Talk.Bytes("nobody")));
        Assert.Equal("still", (await client.SubmitAsync(talk.Function, Talk.Bytes("still")).WaitAsync(Deadline.Default)).Text);
        Assert.False((await left.GetStatusAsync()).IsRunning);

        worker.Register(added, Talk.Echo);
        Assert.Equal("nobody", (await left.Completion.WaitAsync(Deadline.Default)).Text);
    }

    [Theory]
    [ServersWith]
    public async Task AFunctionTakenBackFinishesItsJobs(ServerKind kind)
    {
        await using var talk = await Talk.WithAsync(servers, kind);
        var go = new TaskCompletionSource();
        var began = new TaskCompletionSource();
        var runs = 0;
        var worker = await talk.WorkAsync(async (job, _) =>
        {
            Interlocked.Increment(ref runs);
            began.TrySetResult();
            await go.Task;
            return job.Payload;
        });
        var running = talk.Client().SubmitAsync(talk.Function, Talk.Bytes("mine"));
        await began.Task.WaitAsync(Deadline.Default);
        var removed = worker.UnregisterAsync(talk.Function);
        Assert.False(removed.IsCompleted);
        go.SetResult();
        Assert.Equal("mine", (await running.WaitAsync(Deadline.Default)).Text);
        await removed.WaitAsync(Deadline.Default);
        Assert.Equal(1, runs);
    }

    [Theory]
    [ServersWith]
    public async Task DrainingFinishesWhatRunsAndTakesNoMore(ServerKind kind)
    {
        await using var talk = await Talk.WithAsync(servers, kind);
        var go = new TaskCompletionSource();
        var began = 0;
        var worker = await talk.WorkAsync(
            async (job, _) =>
            {
                Interlocked.Increment(ref began);
                await go.Task;
                return job.Payload;
            },
            options => options with { MaxConcurrency = 2 });
        var client = talk.Client();
        var jobs = new List<GearmanJob>();
        for (var i = 0; i < 5; i++)
            jobs.Add(await client.StartAsync(new JobRequest(talk.Function, Talk.Bytes($"{i}"))));
        await Deadline.UntilAsync(() => Volatile.Read(ref began) == 2, "two jobs run");
        var drained = worker.DrainAsync();
        Assert.True(worker.Snapshot.IsDraining);
        Assert.False(drained.IsCompleted);
        go.SetResult();
        await drained.WaitAsync(Deadline.Default);
        Assert.Equal(2, began);
        await Deadline.UntilAsync(() => jobs.Count(job => job.Completion.IsCompletedSuccessfully) == 2, "both results arrived");
        Assert.Equal(new WorkerSnapshot(0, 0, 2, 0, true), worker.Snapshot);

        await talk.WorkAsync(Talk.Echo);
        await Task.WhenAll(jobs.Select(job => job.Completion)).WaitAsync(Deadline.Default);
    }

    [Theory]
    [ServersWith]
    public async Task ADrainingSleeperWhoseJobStillRunsLeavesNoJobBehind(ServerKind kind)
    {
        await using var talk = await Talk.WithAsync(servers, kind);
        var go = new TaskCompletionSource();
        var began = new TaskCompletionSource();
        var draining = await talk.WorkAsync(async (job, _) =>
        {
            began.TrySetResult();
            if (job.Text == "first")
                await go.Task;
            return job.Payload;
        });
        var client = talk.Client();
        var first = client.SubmitAsync(talk.Function, Talk.Bytes("first"));
        await began.Task.WaitAsync(Deadline.Default);
        var drained = draining.DrainAsync();
        await talk.WorkAsync(Talk.Echo);
        for (var i = 0; i < 20; i++)
            await client.SubmitAsync(talk.Function, Talk.Bytes("others")).WaitAsync(Deadline.Default);
        go.SetResult();
        Assert.Equal("first", (await first.WaitAsync(Deadline.Default)).Text);
        await drained.WaitAsync(Deadline.Default);
    }

    [Theory]
    [ServersWith]
    public async Task RunStopsWhenToldAndReportsWhatItHadToGiveUp(ServerKind kind)
    {
        await using var talk = await Talk.WithAsync(servers, kind);
        var losses = new ConcurrentQueue<JobLoss>();
        var began = new TaskCompletionSource();
        var worker = talk.NewWorker(options => options with { DrainTimeout = TimeSpan.FromMilliseconds(50), OnJobLost = losses.Enqueue });
        worker.Register(talk.Function, async (_, token) =>
        {
            began.TrySetResult();
            await Task.Delay(Timeout.Infinite, token);
            return default;
        });
        using var stop = new CancellationTokenSource();
        var running = worker.RunAsync(stop.Token);
        var job = await talk.Client().StartAsync(new JobRequest(talk.Function, default));
        await began.Task.WaitAsync(Deadline.Default);
        await stop.CancelAsync();
        await running.WaitAsync(Deadline.Default);
        var loss = Assert.Single(losses);
        Assert.Equal(new JobLoss(job.Handle, talk.Function, JobLossReason.WorkerStopped), loss);
    }

    [Theory]
    [ServersWith(Feature.RetryAfterLostWorker)]
    public async Task AnotherWorkerGetsTheJobsOfAStoppedOne(ServerKind kind)
    {
        await using var talk = await Talk.WithAsync(servers, kind);
        var began = new TaskCompletionSource();
        var stopped = await talk.WorkAsync(async (_, token) =>
        {
            began.TrySetResult();
            await Task.Delay(Timeout.Infinite, token);
            return default;
        });
        var waiting = talk.Client().SubmitAsync(talk.Function, Talk.Bytes("mine"));
        await began.Task.WaitAsync(Deadline.Default);
        await talk.WorkAsync(Talk.Echo);
        await stopped.DisposeAsync();
        Assert.Equal("mine", (await waiting.WaitAsync(Deadline.Default)).Text);
    }

    [Theory]
    [ServersWith(Feature.FunctionTimeout)]
    public async Task AJobThatTakesTooLongIsGivenToAnother(ServerKind kind)
    {
        await using var talk = await Talk.WithAsync(servers, kind);
        var losses = new ConcurrentQueue<JobLoss>();
        var runs = 0;
        await talk.WorkAsync(
            async (job, token) =>
            {
                if (Interlocked.Increment(ref runs) == 1)
                    await Task.Delay(Timeout.Infinite, token);
                return job.Payload;
            },
            options => options with { OnJobLost = losses.Enqueue },
            new FunctionOptions { Timeout = TimeSpan.FromSeconds(1), MaxConcurrency = 1 });
        Assert.Equal("again", (await talk.Client().SubmitAsync(talk.Function, Talk.Bytes("again")).WaitAsync(Deadline.Default)).Text);
        Assert.Equal(2, runs);
        Assert.Equal(JobLossReason.TimedOut, Assert.Single(losses).Reason);
    }

    [Theory]
    [ServersWith]
    public async Task AWorkerThatSleepsWakesForEachJob(ServerKind kind)
    {
        await using var talk = await Talk.WithAsync(servers, kind);
        await talk.WorkAsync(Talk.Echo, options => options with { MaxConcurrency = 2 });
        await talk.WorkAsync(Talk.Echo, options => options with { MaxConcurrency = 1 });
        var client = talk.Client();
        for (var i = 0; i < 300; i++)
            Assert.Equal($"{i}", (await client.SubmitAsync(talk.Function, Talk.Bytes($"{i}")).WaitAsync(Deadline.Default)).Text);
    }

    /// <summary>A handler that holds its jobs until told, and counts them.</summary>
    private sealed class Held
    {
        private readonly TaskCompletionSource _released = new();
        private int _now;
        private int _highest;

        public int Highest => Volatile.Read(ref _highest);

        public Task WhenAsync(int count) => Deadline.UntilAsync(() => Volatile.Read(ref _now) >= count, $"{count} jobs run at once");

        public void Release() => _released.SetResult();

        public async ValueTask<ReadOnlyMemory<byte>> HoldAsync(GearmanJobContext job, CancellationToken cancellationToken)
        {
            var now = Interlocked.Increment(ref _now);
            for (var seen = _highest; now > seen; seen = _highest)
                Interlocked.CompareExchange(ref _highest, now, seen);
            await _released.Task;
            Interlocked.Decrement(ref _now);
            return default;
        }
    }
}
