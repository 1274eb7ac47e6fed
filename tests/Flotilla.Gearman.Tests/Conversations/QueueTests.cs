using System.Collections.Concurrent;
using Flotilla.Gearman.Tests.Servers;
using Flotilla.TestSupport;

namespace Flotilla.Gearman.Tests.Conversations;

public sealed class QueueTests(JobServers servers)
{
    [Theory]
    [ServersWith]
    public async Task BackgroundJobsRunOnceEach(ServerKind kind)
    {
        await using var talk = await Talk.WithAsync(servers, kind);
        var client = talk.Client();
        var handles = await Task.WhenAll(Enumerable.Range(0, 100).Select(i => client.SubmitBackgroundAsync(talk.Function, Talk.Bytes($"{i}"))));
        Assert.Equal(100, handles.Distinct().Count());
        var done = new ConcurrentQueue<string>();
        await talk.WorkAsync((job, _) =>
        {
            done.Enqueue(job.Text);
            return default;
        });
        await Deadline.UntilAsync(() => done.Count == 100, "all jobs ran");
        Assert.Equal(Enumerable.Range(0, 100).Select(i => $"{i}").Order(), done.Order());
    }

    [Theory]
    [ServersWith]
    public async Task HighPriorityGoesFirst(ServerKind kind)
    {
        var order = await RunInOrderAsync(kind, JobPriority.Normal, JobPriority.High, JobPriority.Normal, JobPriority.High);
        Assert.Equal([JobPriority.High, JobPriority.High, JobPriority.Normal, JobPriority.Normal], order);
    }

    [Theory]
    [ServersWith(Feature.LowPriority)]
    public async Task LowPriorityGoesLast(ServerKind kind)
    {
        var order = await RunInOrderAsync(kind, JobPriority.Low, JobPriority.Normal, JobPriority.High, JobPriority.Low);
        Assert.Equal([JobPriority.High, JobPriority.Normal, JobPriority.Low, JobPriority.Low], order);
    }

    [Theory]
    [ServersWith(Feature.LowPriority)]
    public async Task BackgroundJobsHavePrioritiesToo(ServerKind kind)
    {
        await using var talk = await Talk.WithAsync(servers, kind);
        var client = talk.Client();
        foreach (var priority in (JobPriority[])[JobPriority.Low, JobPriority.Normal, JobPriority.High])
            await client.SubmitBackgroundAsync(new JobRequest(talk.Function, Talk.Bytes(priority.ToString())) { Priority = priority });
        var done = new ConcurrentQueue<string>();
        await talk.WorkAsync(
            (job, _) =>
            {
                done.Enqueue(job.Text);
                return default;
            },
            options => options with { MaxConcurrency = 1 });
        await Deadline.UntilAsync(() => done.Count == 3, "all jobs ran");
        Assert.Equal(["High", "Normal", "Low"], done);
    }

    [Theory]
    [ServersWith]
    public async Task JobsWithTheSameUniqueKeyRunOnceForAllWhoWait(ServerKind kind)
    {
        await using var talk = await Talk.WithAsync(servers, kind);
        var one = talk.Client();
        var other = talk.Client();
        var request = new JobRequest(talk.Function, Talk.Bytes("payload")) { Unique = talk.Function };
        var first = await one.StartAsync(request);
        var again = await one.StartAsync(request);
        var second = await other.StartAsync(request);
        Assert.Equal(first.Handle, again.Handle);
        Assert.Equal(first.Handle, second.Handle);
        var runs = 0;
        await talk.WorkAsync((_, _) => ValueTask.FromResult(Talk.Bytes($"run {Interlocked.Increment(ref runs)}")));
        foreach (var job in (GearmanJob[])[first, again, second])
            Assert.Equal("run 1", (await job.Completion.WaitAsync(Deadline.Default)).Text);
    }

    [Theory]
    [ServersWith(Feature.DataAndWarnings)]
    public async Task EachOfTwoWaitsForTheSameJobOnOneConnectionGetsEachUpdateOnce(ServerKind kind)
    {
        await using var talk = await Talk.WithAsync(servers, kind);
        var client = talk.Client();
        var request = new JobRequest(talk.Function, default) { Unique = talk.Function };
        var jobs = new List<GearmanJob>();
        for (var i = 0; i < 3; i++)
            jobs.Add(await client.StartAsync(request));
        await talk.WorkAsync(async (job, token) =>
        {
            foreach (var part in (string[])["a", "b", "b", "c"])
                await job.SendDataAsync(Talk.Bytes(part), token);
            return Talk.Bytes("d");
        });
        foreach (var job in jobs)
        {
            var text = "";
            await foreach (var update in job.ReadUpdatesAsync())
                text += update.Text;
            Assert.Equal("abbcd", text);
        }
    }

    [Theory]
    [ServersWith(Feature.StatusByUnique)]
    public async Task AJobIsFoundByItsUniqueKey(ServerKind kind)
    {
        await using var talk = await Talk.WithAsync(servers, kind);
        var client = talk.Client();
        Assert.False((await client.GetStatusByUniqueAsync(talk.Function)).IsKnown);
        await client.StartAsync(new JobRequest(talk.Function, default) { Unique = talk.Function });
        var status = await client.GetStatusByUniqueAsync(talk.Function);
        Assert.Equal(new JobStatus(true, false, new JobProgress(0, 0), 1), status);
    }

    [Theory]
    [ServersWith(Feature.Cancel)]
    public async Task ACancelledJobFailsAndNeverRuns(ServerKind kind)
    {
        await using var talk = await Talk.WithAsync(servers, kind);
        var client = talk.Client();
        var job = await client.StartAsync(new JobRequest(talk.Function, Talk.Bytes("never")));
        Assert.True(await job.CancelAsync());
        await Assert.ThrowsAsync<JobFailedException>(() => job.Completion.WaitAsync(Deadline.Default));
        Assert.False(await client.CancelAsync(new JobHandle("H:nowhere:1")));
        var seen = new ConcurrentQueue<string>();
        await talk.WorkAsync((job, _) =>
        {
            seen.Enqueue(job.Text);
            return default;
        });
        await client.SubmitAsync(talk.Function, Talk.Bytes("after")).WaitAsync(Deadline.Default);
        Assert.Equal(["after"], seen);
    }

    [Theory]
    [ServersWith(Feature.Cancel)]
    public async Task AnAbandonedWaitCancelsItsJobWhenToldTo(ServerKind kind)
    {
        await using var talk = await Talk.WithAsync(servers, kind);
        var client = talk.Client();
        var watcher = await client.StartAsync(new JobRequest(talk.Function, default) { Unique = talk.Function });
        var request = new JobRequest(talk.Function, default)
        {
            Unique = talk.Function,
            Timeout = TimeSpan.FromSeconds(1),
            CancelWhenAbandoned = true,
        };
        await Assert.ThrowsAsync<GearmanTimeoutException>(() => client.SubmitAsync(request).WaitAsync(Deadline.Default));
        await Assert.ThrowsAsync<JobFailedException>(() => watcher.Completion.WaitAsync(Deadline.Default));
    }

    [Theory]
    [ServersWith(Feature.Epoch)]
    public async Task AScheduledJobDoesNotRunBeforeItIsDue(ServerKind kind)
    {
        await using var talk = await Talk.WithAsync(servers, kind);
        var ran = new ConcurrentQueue<(string Text, DateTimeOffset At)>();
        await talk.WorkAsync((job, _) =>
        {
            ran.Enqueue((job.Text, DateTimeOffset.UtcNow));
            return default;
        });
        var client = talk.Client();
        // gearmand reads whole seconds, so a moment that has a fraction may be up to one second early there.
        var due = DateTimeOffset.UtcNow.AddMilliseconds(1500);
        await client.ScheduleAsync(new JobRequest(talk.Function, Talk.Bytes("later")), due);
        await client.ScheduleAsync(new JobRequest(talk.Function, Talk.Bytes("past")), DateTimeOffset.UtcNow.AddSeconds(-10));
        // gearmand 1.1 does not wake workers for jobs that fall due; any other job does.
        await Deadline.UntilAsync(
            async () =>
            {
                await client.SubmitAsync(talk.Function, Talk.Bytes("poke"));
                return ran.Any(job => job.Text == "later") && ran.Any(job => job.Text == "past");
            },
            "both jobs ran");
        Assert.True(ran.First(job => job.Text == "later").At > due.AddSeconds(-1));
    }

    [Theory]
    [ServersWith(Feature.Reduce)]
    public async Task AReduceJobTellsItsWorkerTheReducer(ServerKind kind)
    {
        await using var talk = await Talk.WithAsync(servers, kind);
        await talk.WorkAsync((job, _) => ValueTask.FromResult(Talk.Bytes($"{job.Text} by {job.Reducer ?? "nobody"} for {job.Unique}")));
        var client = talk.Client();
        var request = new JobRequest(talk.Function, Talk.Bytes("sum")) { Reducer = "adder", Unique = "key" };
        Assert.Equal("sum by adder for key", (await client.SubmitAsync(request).WaitAsync(Deadline.Default)).Text);
        Assert.Equal("sum by nobody for ", (await client.SubmitAsync(talk.Function, Talk.Bytes("sum")).WaitAsync(Deadline.Default)).Text);
        Assert.NotEmpty((await client.SubmitBackgroundAsync(request)).Text);
    }

    private async Task<IReadOnlyList<JobPriority>> RunInOrderAsync(ServerKind kind, params JobPriority[] submitted)
    {
        await using var talk = await Talk.WithAsync(servers, kind);
        var client = talk.Client();
        var jobs = new List<GearmanJob>();
        foreach (var priority in submitted)
            jobs.Add(await client.StartAsync(new JobRequest(talk.Function, Talk.Bytes(priority.ToString())) { Priority = priority }));
        var done = new ConcurrentQueue<JobPriority>();
        await talk.WorkAsync(
            (job, _) =>
            {
                done.Enqueue(Enum.Parse<JobPriority>(job.Text));
                return default;
            },
            options => options with { MaxConcurrency = 1 });
        await Task.WhenAll(jobs.Select(job => job.Completion)).WaitAsync(Deadline.Default);
        return [.. done];
    }
}
