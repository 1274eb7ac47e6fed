using System.Collections.Concurrent;
using Flotilla.Gearman.Tests.Servers;
using Flotilla.TestSupport;

namespace Flotilla.Gearman.Tests.Conversations;

/// <summary>Servers that die; each test has servers of its own.</summary>
[Trait("tier", "full")]
public sealed class FailureTests
{
    private static readonly BackOffOptions Impatient = new() { First = TimeSpan.FromMilliseconds(20), Max = TimeSpan.FromMilliseconds(100) };

    [Theory]
    [ServersWith]
    public async Task AWaitEndsWhenTheServerDies(ServerKind kind)
    {
        await using var server = await JobServers.StartAsync(kind);
        await using var talk = new Talk(server);
        var client = talk.Client(options => options with { FailoverTimeout = TimeSpan.Zero });
        var job = await client.StartAsync(new JobRequest(talk.Function, default));
        await server.KillAsync();
        var lost = await Assert.ThrowsAsync<ConnectionLostException>(() => job.Completion.WaitAsync(Deadline.Default));
        Assert.True(lost.WasAccepted);
        Assert.Equal(server.Address, lost.Server);
        var nobody = await Assert.ThrowsAsync<NoServerException>(() => client.SubmitAsync(talk.Function, default).WaitAsync(Deadline.Default));
        Assert.Single(nobody.Reasons);
    }

    [Theory]
    [ServersWith]
    public async Task ClientAndWorkerComeBackWithTheServer(ServerKind kind)
    {
        await using var server = await JobServers.StartAsync(kind);
        await using var talk = new Talk(server);
        await talk.WorkAsync(Talk.Echo, options => options with { BackOff = Impatient });
        var client = talk.Client(options => options with { BackOff = Impatient, FailoverTimeout = Deadline.Default });
        Assert.Equal("before", (await client.SubmitAsync(talk.Function, Talk.Bytes("before")).WaitAsync(Deadline.Default)).Text);
        await server.KillAsync();
        var after = client.SubmitAsync(talk.Function, Talk.Bytes("after"));
        await server.RestartAsync();
        Assert.Equal("after", (await after.WaitAsync(Deadline.Default)).Text);
    }

    [Theory]
    [ServersWith]
    public async Task ARunningJobIsSubmittedAgainWhenThePolicySaysSo(ServerKind kind)
    {
        await using var first = await JobServers.StartAsync(kind);
        await using var second = await JobServers.StartAsync(kind);
        await using var talk = new Talk(first);
        var client = talk.Client(options => options with
        {
            Servers = [first.Address, second.Address],
            Resubmit = ResubmitPolicy.UntilCompleted,
            BackOff = Impatient,
        });
        var waiting = client.SubmitAsync(talk.Function, Talk.Bytes("payload"));
        await using var admin = new GearmanAdmin(first.Address);
        await Deadline.UntilAsync(async () => (await admin.GetStatusAsync()).Count > 0, "the first server has the job");
        await first.KillAsync();
        await using var there = new Talk(second);
        await using var worker = new GearmanWorker(second.Address);
        await worker.Register(talk.Function, Talk.Reverse).StartAsync().WaitAsync(Deadline.Default);
        Assert.Equal("daolyap", (await waiting.WaitAsync(Deadline.Default)).Text);
    }

    [Theory]
    [ServersWith]
    public async Task TheNextServerTakesOverAndTheFirstOneComesBack(ServerKind kind)
    {
        await using var first = await JobServers.StartAsync(kind);
        await using var second = await JobServers.StartAsync(kind);
        await using var talk = new Talk(first);
        await talk.WorkAsync(Talk.Echo, options => options with { Servers = [first.Address, second.Address], BackOff = Impatient });
        var client = talk.Client(options => options with { Servers = [first.Address, second.Address], BackOff = Impatient });
        Assert.Equal(first.Address, await ServerOfAJobAsync(client, talk.Function));
        await first.KillAsync();
        await Deadline.UntilAsync(async () => await ServerOfAJobAsync(client, talk.Function) == second.Address, "the second server takes over");
        await first.RestartAsync();
        await Deadline.UntilAsync(async () => await ServerOfAJobAsync(client, talk.Function) == first.Address, "the first server is back");
    }

    [Theory]
    [ServersWith]
    public Task JobsKeepRunningWhileServersDieInTurn(ServerKind kind) => KillInTurnAsync(kind, kills: 3);

    [Theory]
    [ServersWith]
    [Trait("tier", "long")]
    public Task JobsKeepRunningThroughAHundredDeaths(ServerKind kind) => KillInTurnAsync(kind, kills: 100);

    private static async Task KillInTurnAsync(ServerKind kind, int kills)
    {
        await using var first = await JobServers.StartAsync(kind);
        await using var second = await JobServers.StartAsync(kind);
        await using var talk = new Talk(first);
        GearmanAddress[] both = [first.Address, second.Address];
        await talk.WorkAsync(Talk.Echo, options => options with { Servers = both, BackOff = Impatient });
        var client = talk.Client(options => options with
        {
            Servers = both,
            BackOff = Impatient,
            Resubmit = ResubmitPolicy.UntilCompleted,
            MaxResubmits = 20,
            FailoverTimeout = Deadline.Default,
        });
        using var stop = new CancellationTokenSource();
        var done = 0;
        var load = Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            for (var i = 0; !stop.IsCancellationRequested; i++)
            {
                Assert.Equal($"{i}", (await client.SubmitAsync(talk.Function, Talk.Bytes($"{i}")).WaitAsync(Deadline.Default)).Text);
                Interlocked.Increment(ref done);
            }
        })));
        for (var kill = 0; kill < kills; kill++)
        {
            var server = kill % 2 == 0 ? first : second;
            await ProgressAsync();
            await server.KillAsync();
            await ProgressAsync();
            await server.RestartAsync();
        }

        await ProgressAsync();
        await stop.CancelAsync();
        await load.WaitAsync(Deadline.Default);

        Task ProgressAsync()
        {
            var goal = Volatile.Read(ref done) + 50;
            return Deadline.UntilAsync(() => Volatile.Read(ref done) >= goal || load.IsFaulted, "jobs run");
        }
    }

    [Theory]
    [ServersWith]
    public async Task AWorkerReportsJobsWhoseServerDied(ServerKind kind)
    {
        await using var server = await JobServers.StartAsync(kind);
        await using var talk = new Talk(server);
        var losses = new ConcurrentQueue<JobLoss>();
        var stopped = new TaskCompletionSource();
        var began = new TaskCompletionSource();
        await talk.WorkAsync(
            async (_, token) =>
            {
                began.SetResult();
                await using var registration = token.Register(stopped.SetResult);
                await Task.Delay(Timeout.Infinite, token);
                return default;
            },
            options => options with { OnJobLost = losses.Enqueue, BackOff = Impatient });
        await talk.Client().SubmitBackgroundAsync(talk.Function, default);
        await began.Task.WaitAsync(Deadline.Default);
        await server.KillAsync();
        await stopped.Task.WaitAsync(Deadline.Default);
        Assert.Equal(JobLossReason.ConnectionLost, Assert.Single(losses).Reason);
    }

    [Theory]
    [ServersWith]
    public async Task EqualJobsOfSeveralClientsMeetAtTheSameServer(ServerKind kind)
    {
        await using var first = await JobServers.StartAsync(kind);
        await using var second = await JobServers.StartAsync(kind);
        await using var talk = new Talk(first);
        var clients = new List<GearmanClient>();
        for (var i = 0; i < 2; i++)
        {
            // The order of the list does not matter to the hash.
            GearmanAddress[] servers = i == 0 ? [first.Address, second.Address] : [second.Address, first.Address];
            clients.Add(talk.Client(options => options with { Servers = servers, Selection = ServerSelection.HashByUnique }));
        }

        var used = new HashSet<GearmanAddress?>();
        for (var i = 0; i < 20; i++)
        {
            var request = new JobRequest(talk.Function, default) { Unique = $"key {i}" };
            var one = await clients[0].SubmitBackgroundAsync(request);
            var other = await clients[1].SubmitBackgroundAsync(request);
            Assert.Equal(one, other);
            used.Add(one.Server);
        }

        Assert.Equal(2, used.Count);
    }

    private static async Task<GearmanAddress?> ServerOfAJobAsync(GearmanClient client, string function)
        => (await client.SubmitAsync(function, default).WaitAsync(Deadline.Default)).Handle.Server;
}
