using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Flotilla.Gearman.Tests.Servers;
using Flotilla.JobServer;
using Flotilla.JobServer.Core;
using Flotilla.TestSupport;

namespace Flotilla.Gearman.Tests.Conversations;

/// <summary>What only Flotilla's server has.</summary>
public sealed class ExtensionTests(JobServers servers)
{
    [Fact]
    public async Task CancellingARunningJobFiresItsTokenAndFailsTheWait()
    {
        await using var talk = await Talk.WithAsync(servers, ServerKind.Flotilla);
        var losses = new ConcurrentQueue<JobLoss>();
        var began = new TaskCompletionSource();
        await talk.WorkAsync(
            async (job, token) =>
            {
                if (job.Text == "next")
                    return job.Payload;
                began.SetResult();
                await Task.Delay(Timeout.Infinite, token);
                return default;
            },
            options => options with { OnJobLost = losses.Enqueue, MaxConcurrency = 1 });
        var client = talk.Client();
        var job = await client.StartAsync(new JobRequest(talk.Function, default));
        await began.Task.WaitAsync(Deadline.Default);
        Assert.True(await job.CancelAsync());
        await Assert.ThrowsAsync<JobFailedException>(() => job.Completion.WaitAsync(Deadline.Default));
        Assert.Equal("next", (await client.SubmitAsync(talk.Function, Talk.Bytes("next")).WaitAsync(Deadline.Default)).Text);
        Assert.Equal(new JobLoss(job.Handle, talk.Function, JobLossReason.Cancelled), Assert.Single(losses));
    }

    [Fact]
    public async Task ADelayIsKeptToTheMillisecondAndWakesASleeper()
    {
        await using var talk = await Talk.WithAsync(servers, ServerKind.Flotilla);
        var ran = new TaskCompletionSource<DateTimeOffset>();
        await talk.WorkAsync((_, _) =>
        {
            ran.SetResult(DateTimeOffset.UtcNow);
            return default;
        });
        var due = DateTimeOffset.UtcNow.AddMilliseconds(350);
        await talk.Client().ScheduleAsync(new JobRequest(talk.Function, default), due);
        var at = await ran.Task.WaitAsync(Deadline.Default);
        Assert.True(at >= due.AddMilliseconds(-20), $"{at:O} is before {due:O}");
    }

    [Fact]
    public async Task AScheduleIsListedAndEndsWhenCancelled()
    {
        await using var talk = await Talk.WithAsync(servers, ServerKind.Flotilla);
        var client = talk.Client();
        var admin = talk.Admin();
        var handle = await client.ScheduleAsync(new JobRequest(talk.Function, default) { Unique = "nightly" }, CronSchedule.Parse("30 2 * * 0-4"));
        var schedule = (await admin.GetSchedulesAsync()).Single(schedule => schedule.Handle == handle.Text);
        Assert.Equal((talk.Function, "nightly", "30 2 * * 0-4"), (schedule.Function, schedule.Unique, schedule.Schedule));
        Assert.True(schedule.NextMs > DateTimeOffset.UtcNow.ToUnixTimeMilliseconds());
        Assert.True(await client.CancelAsync(handle));
        Assert.DoesNotContain(await admin.GetSchedulesAsync(), other => other.Handle == handle.Text);
        var refusal = await Assert.ThrowsAsync<GearmanServerException>(
            () => client.ScheduleAsync(new JobRequest(talk.Function, default), CronSchedule.Parse("99 2 * * *")));
        Assert.Equal("INVALID_ARGUMENT", refusal.Code);
    }

    [Fact]
    public async Task APausedFunctionWaitsUntilResumed()
    {
        await using var talk = await Talk.WithAsync(servers, ServerKind.Flotilla);
        await talk.WorkAsync(Talk.Echo);
        var admin = talk.Admin();
        await admin.PauseAsync(talk.Function);
        var job = await talk.Client().StartAsync(new JobRequest(talk.Function, Talk.Bytes("later")));
        Assert.True((await DetailsAsync(admin, talk.Function)).Paused);
        Assert.False((await job.GetStatusAsync()).IsRunning);
        await admin.ResumeAsync(talk.Function);
        Assert.Equal("later", (await job.Completion.WaitAsync(Deadline.Default)).Text);
    }

    [Fact]
    public async Task ADrainedFunctionRefusesNewJobs()
    {
        await using var talk = await Talk.WithAsync(servers, ServerKind.Flotilla);
        var admin = talk.Admin();
        var client = talk.Client();
        await client.SubmitBackgroundAsync(talk.Function, default);
        await admin.DrainAsync(talk.Function);
        Assert.True((await DetailsAsync(admin, talk.Function)).Draining);
        await Assert.ThrowsAsync<GearmanServerException>(() => client.SubmitBackgroundAsync(talk.Function, default));
    }

    [Fact]
    public async Task JobsFunctionsAndTheServerAreDescribed()
    {
        await using var talk = await Talk.WithAsync(servers, ServerKind.Flotilla);
        var admin = talk.Admin();
        var handle = await talk.Client().SubmitBackgroundAsync(
            new JobRequest(talk.Function, Talk.Bytes("12345")) { Unique = "u", Priority = Gearman.JobPriority.High });
        var job = await admin.GetJobAsync(handle.Text);
        Assert.NotNull(job);
        Assert.Equal((handle.Text, talk.Function, "u", "queued", "high"), (job.Handle, job.Function, job.Unique, job.State, job.Priority));
        Assert.Equal((5, true), (job.DataBytes, job.Background));
        Assert.Null(await admin.GetJobAsync("H:nowhere:1"));
        Assert.Equal(handle.Text, Assert.Single(await admin.GetQueueAsync(talk.Function)).Handle);
        var function = await DetailsAsync(admin, talk.Function);
        Assert.Equal((1, 0, 0, 0), (function.QueuedHigh, function.QueuedNormal, function.Running, function.Workers));
        var server = await admin.GetServerAsync();
        Assert.True(server.Jobs >= 1);
        Assert.NotEmpty(server.Version);
    }

    [Fact]
    public async Task JobsThatKeepFailingAreTriedAgainThenKeptAsDead()
    {
        await using var talk = await Talk.WithAsync(servers, ServerKind.Flotilla);
        var admin = talk.Admin();
        await admin.CreateFunctionAsync(talk.Function);
        await admin.SetPolicyAsync(talk.Function, new FunctionPolicy
        {
            Attempts = 2,
            BackOff = TimeSpan.FromMilliseconds(10),
            BackOffMax = TimeSpan.FromMilliseconds(20),
            RetryFailed = true,
            KeepDead = true,
        });
        var attempts = 0;
        await talk.WorkAsync((_, _) => Interlocked.Increment(ref attempts) <= 2 ? throw new JobFailedException() : default);
        var handle = await talk.Client().SubmitBackgroundAsync(talk.Function, default);
        await Deadline.UntilAsync(async () => (await admin.GetDeadAsync(talk.Function)).Any(job => job.Handle == handle.Text), "the job is dead");
        Assert.Equal(2, attempts);
        await admin.RetryDeadAsync(handle.Text);
        await Deadline.UntilAsync(() => Volatile.Read(ref attempts) == 3, "the job runs again");
        Assert.Empty(await admin.GetDeadAsync(talk.Function));
        Assert.Equal(1, (await DetailsAsync(admin, talk.Function)).Workers);
    }

    [Fact]
    public async Task WithoutTheSecretNobodyIsServed()
    {
        await using var server = await JobServerHost.StartAsync(new JobServerOptions
        {
            Listeners = [new JobServerListener { EndPoint = new IPEndPoint(IPAddress.Loopback, 0) }],
            SharedSecret = "s3cret",
            TrustLocalConnections = false,
        });
        GearmanAddress address = GearmanAddress.Tcp((IPEndPoint)server.Endpoints[0]);
        foreach (var (secret, works) in ((string?, bool)[])[("s3cret", true), ("wrong", false), (null, false)])
            await TryAsync(secret, works);

        async Task TryAsync(string? secret, bool works)
        {
            var function = Talk.NewName();
            await using var client = new GearmanClient(new GearmanClientOptions { Servers = [address], Secret = secret, FailoverTimeout = TimeSpan.Zero });
            await using var admin = new GearmanAdmin(new GearmanAdminOptions { Servers = [address], Secret = secret });
            await using var worker = new GearmanWorker(new GearmanWorkerOptions { Servers = [address], Secret = secret });
            worker.Register(function, Talk.Reverse);
            if (works)
            {
                await worker.StartAsync().WaitAsync(Deadline.Default);
                Assert.Equal("ba", (await client.SubmitAsync(function, Talk.Bytes("ab")).WaitAsync(Deadline.Default)).Text);
                await admin.GetStatusAsync();
                return;
            }

            await Assert.ThrowsAnyAsync<GearmanException>(() => client.SubmitAsync(function, default).WaitAsync(Deadline.Default));
            await Assert.ThrowsAnyAsync<GearmanException>(() => admin.GetStatusAsync().WaitAsync(Deadline.Default));
        }
    }

    [Fact]
    public async Task AnAbilityThatTheServerRefusesLeavesTheOthers()
    {
        await using var server = await JobServerHost.StartAsync(new JobServerOptions
        {
            Listeners = [new JobServerListener { EndPoint = new IPEndPoint(IPAddress.Loopback, 0) }],
            Machine = new JobMachineOptions { AccessRules = [new AccessRule("*", "open-*", AccessRights.All)] },
        });
        GearmanAddress address = GearmanAddress.Tcp((IPEndPoint)server.Endpoints[0]);
        await using var worker = new GearmanWorker(address);
        worker.Register("closed", Talk.Reverse).Register("open-a", Talk.Reverse);
        await worker.StartAsync().WaitAsync(Deadline.Default);
        await using var client = new GearmanClient(address);
        Assert.Equal("ba", (await client.SubmitAsync("open-a", Talk.Bytes("ab")).WaitAsync(Deadline.Default)).Text);
        var refusal = await Assert.ThrowsAsync<GearmanServerException>(() => client.SubmitAsync("closed", default).WaitAsync(Deadline.Default));
        Assert.Equal("NOT_AUTHORIZED", refusal.Code);
        Assert.Equal("ba", (await client.SubmitAsync("open-a", Talk.Bytes("ab")).WaitAsync(Deadline.Default)).Text);
    }

    [Fact]
    public async Task AUnixSocketServesClientsWorkersAndAdministrators()
    {
        var folder = Directory.CreateTempSubdirectory("flotilla-");
        try
        {
            var path = Path.Combine(folder.FullName, "g.sock");
            await using var server = await JobServerHost.StartAsync(new JobServerOptions
            {
                Listeners = [new JobServerListener { EndPoint = new UnixDomainSocketEndPoint(path) }],
            });
            var address = GearmanAddress.Unix(path);
            await using var worker = new GearmanWorker(address);
            await worker.Register("f", Talk.Reverse).StartAsync().WaitAsync(Deadline.Default);
            await using var client = new GearmanClient(address);
            Assert.Equal("xinu", (await client.SubmitAsync("f", Talk.Bytes("unix")).WaitAsync(Deadline.Default)).Text);
            await using var admin = new GearmanAdmin(address);
            Assert.Equal(1, Assert.Single(await admin.GetStatusAsync()).Workers);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task<FunctionDetails> DetailsAsync(GearmanAdmin admin, string function)
        => (await admin.GetFunctionsAsync()).Single(details => details.Name == function);
}
