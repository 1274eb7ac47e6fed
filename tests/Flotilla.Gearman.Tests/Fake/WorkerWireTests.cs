using System.Collections.Concurrent;
using Flotilla.TestSupport;

namespace Flotilla.Gearman.Tests.Fake;

/// <summary>What a worker says, packet for packet.</summary>
public sealed class WorkerWireTests
{
    private static readonly JobHandler Echo = static (job, _) => ValueTask.FromResult(job.Payload);

    [Fact]
    public async Task AWorkerGrabsSleepsWakesAndAnswers()
    {
        await using var server = FakeServer.Start();
        await using var worker = Worker(server);
        _ = worker.Register("f", Echo).StartAsync();
        var peer = await server.AcceptWorkerAsync("f");
        await peer.ExpectAsync(39, "");
        await peer.SendAsync(10);
        await peer.ExpectAsync(4, "");
        await peer.SendAsync(6);
        await peer.ExpectAsync(39, "");
        var fewest = int.MaxValue;
        for (var i = 1; i <= 50; i++)
        {
            peer.TakeReads();
            await peer.SendAsync(31, $"H:fake:{i}|f|u|data");
            await peer.ExpectAsync(13, $"H:fake:{i}|data");
            await peer.ExpectAsync(39, "");
            fewest = Math.Min(fewest, peer.TakeReads());
        }

        // The answer and the next question leave in one write, unless the receiving thread sends the answer on its way out.
        Assert.Equal(1, fewest);
    }

    [Fact]
    public async Task AWorkerWithRoomAsksForMoreWhileJobsCome()
    {
        await using var server = FakeServer.Start();
        var go = new TaskCompletionSource();
        await using var worker = Worker(server, options => options with { MaxConcurrency = 4 });
        worker.Register("f", async (job, _) =>
        {
            await go.Task;
            return job.Payload;
        });
        _ = worker.StartAsync();
        var peer = await server.AcceptWorkerAsync("f");
        await peer.ExpectAsync(39);
        await peer.SendAsync(11, "H:fake:1|f|1");
        await peer.ExpectAsync(39);
        await peer.ExpectAsync(39);
        await peer.SendAsync(31, "H:fake:2|f|u|2");
        await peer.ExpectAsync(39);
        await peer.SendAsync(40, "H:fake:3|f|u|r|3");
        await peer.SendAsync(10);
        await peer.ExpectAsync(4);
        go.SetResult();
        var answers = new List<string>();
        for (var i = 0; i < 3; i++)
            answers.Add(await peer.ExpectAsync(13));
        Assert.Equal(["H:fake:1|1", "H:fake:2|2", "H:fake:3|3"], answers.Order());
    }

    [Fact]
    public async Task UpdatesHaveTheirPackets()
    {
        await using var server = FakeServer.Start();
        await using var worker = Worker(server);
        worker.Register("f", async (job, token) =>
        {
            await job.SendDataAsync("d"u8.ToArray(), token);
            await job.SendWarningAsync("w"u8.ToArray(), token);
            await job.SendProgressAsync(1, 3, token);
            return default;
        });
        _ = worker.StartAsync();
        var peer = await server.AcceptWorkerAsync("f");
        await peer.ExpectAsync(39);
        await peer.SendAsync(11, "H:fake:1|f|");
        await peer.ExpectAsync(28, "H:fake:1|d");
        await peer.ExpectAsync(29, "H:fake:1|w");
        await peer.ExpectAsync(12, "H:fake:1|1|3");
        await peer.ExpectAsync(13, "H:fake:1|");
    }

    [Theory]
    [InlineData(ExceptionDetail.None, 14u, "H:fake:1")]
    [InlineData(ExceptionDetail.Message, 25u, "H:fake:1|InvalidOperationException: no")]
    public async Task WhatClientsLearnOfAnExceptionIsAnOption(ExceptionDetail detail, uint type, string body)
    {
        await using var server = FakeServer.Start();
        await using var worker = Worker(server, options => options with { ExceptionDetail = detail });
        worker.Register("f", (_, _) => throw new InvalidOperationException("no"));
        _ = worker.StartAsync();
        var peer = await server.AcceptWorkerAsync("f");
        await peer.ExpectAsync(39);
        await peer.SendAsync(11, "H:fake:1|f|");
        await peer.ExpectAsync(type, body);
    }

    [Fact]
    public async Task AFunctionWithATimeoutIsAnnouncedInMilliseconds()
    {
        await using var server = FakeServer.Start();
        await using var worker = Worker(server);
        _ = worker.Register("f", Echo, new FunctionOptions { Timeout = TimeSpan.FromSeconds(2.5) }).StartAsync();
        var peer = await server.AcceptPeerAsync();
        await peer.ExpectAsync(26);
        await peer.ExpectAsync(22, "tester");
        await peer.ExpectAsync(16);
        await peer.SendAsync(17, "hello");
        await peer.ExpectAsync(23, "f|2500");
    }

    [Fact]
    public async Task OlderServersAreAskedWithOlderPackets()
    {
        await using var server = FakeServer.Start();
        await using var worker = Worker(server);
        _ = worker.Register("f", (_, _) => throw new JobFaultException("x")).StartAsync();
        var peer = await server.AcceptWorkerAsync("f");
        await peer.ExpectAsync(39);
        await peer.SendAsync(19, "unknown|command");
        await peer.ExpectAsync(30);
        await peer.SendAsync(19, "unknown|command");
        await peer.ExpectAsync(9);
        await peer.SendAsync(11, "H:fake:1|f|");
        // There an exception is not the end of a job.
        await peer.ExpectAsync(25, "H:fake:1|x");
        await peer.ExpectAsync(14, "H:fake:1");
    }

    [Fact]
    public async Task ACancelledJobFiresItsTokenAndSendsNothing()
    {
        await using var server = FakeServer.Start();
        var losses = new ConcurrentQueue<JobLoss>();
        await using var worker = Worker(server, options => options with { OnJobLost = losses.Enqueue });
        worker.Register("f", async (_, token) =>
        {
            await Task.Delay(Timeout.Infinite, token);
            return default;
        });
        _ = worker.StartAsync();
        var peer = await server.AcceptWorkerAsync("f");
        await peer.ExpectAsync(39);
        await peer.SendAsync(11, "H:fake:1|f|");
        await peer.SendAsync(14, "H:fake:1");
        await peer.ExpectAsync(39);
        Assert.Equal(new JobLoss(new JobHandle("H:fake:1", server.Address), "f", JobLossReason.Cancelled), Assert.Single(losses));
    }

    [Fact]
    public async Task ARefusedResultIsReported()
    {
        await using var server = FakeServer.Start();
        var losses = new ConcurrentQueue<JobLoss>();
        await using var worker = Worker(server, options => options with { OnJobLost = losses.Enqueue });
        _ = worker.Register("f", Echo).StartAsync();
        var peer = await server.AcceptWorkerAsync("f");
        await peer.ExpectAsync(39);
        await peer.SendAsync(11, "H:fake:1|f|");
        await peer.ExpectAsync(13);
        await peer.SendAsync(19, "JOB_NOT_FOUND|Job given in work result not found");
        await peer.ExpectAsync(39);
        await Deadline.UntilAsync(() => !losses.IsEmpty, "the loss is reported");
        Assert.Equal(JobLossReason.ResultRefused, Assert.Single(losses).Reason);
    }

    [Fact]
    public async Task DrainingSaysGoodbyeAfterTheLastResult()
    {
        await using var server = FakeServer.Start();
        await using var worker = Worker(server);
        var go = new TaskCompletionSource();
        var began = new TaskCompletionSource();
        worker.Register("f", async (job, _) =>
        {
            began.SetResult();
            await go.Task;
            return job.Payload;
        });
        _ = worker.StartAsync();
        var peer = await server.AcceptWorkerAsync("f");
        await peer.ExpectAsync(39);
        await peer.SendAsync(11, "H:fake:1|f|x");
        await began.Task.WaitAsync(Deadline.Default);
        var drained = worker.DrainAsync();
        go.SetResult();
        await peer.ExpectAsync(13, "H:fake:1|x");
        await peer.ExpectAsync(3, "");
        await peer.ExpectAsync(16, "bye");
        Assert.False(drained.IsCompleted);
        await peer.SendAsync(17, "bye");
        await drained.WaitAsync(Deadline.Default);
        await peer.ExpectEndAsync();
    }

    [Fact]
    public async Task AFunctionIsTakenBackOnlyWhenNoneOfItsJobsRun()
    {
        await using var server = FakeServer.Start();
        await using var worker = Worker(server);
        var go = new TaskCompletionSource();
        worker.Register("f", async (job, _) =>
        {
            await go.Task;
            return job.Payload;
        });
        _ = worker.StartAsync();
        var peer = await server.AcceptWorkerAsync("f");
        worker.Register("g", Echo);
        await peer.ExpectAsync(39);
        await peer.ExpectAsync(1, "g");
        await peer.SendAsync(11, "H:fake:1|f|x");
        await Deadline.UntilAsync(() => worker.Snapshot.Running == 1, "the job runs");
        var removed = worker.UnregisterAsync("f");
        go.SetResult();
        await peer.ExpectAsync(13, "H:fake:1|x");
        await peer.ExpectAsync(2, "f");
        await removed.WaitAsync(Deadline.Default);
        await peer.ExpectAsync(39);
    }

    [Fact]
    public async Task AJobOfAnotherFunctionEndsTheConnectionAndTheWorkerComesBack()
    {
        await using var server = FakeServer.Start();
        await using var worker = Worker(server);
        _ = worker.Register("f", Echo).StartAsync();
        var peer = await server.AcceptWorkerAsync("f");
        await peer.ExpectAsync(39);
        await peer.SendAsync(11, "H:fake:1|other|");
        await peer.ExpectEndAsync();
        await server.AcceptWorkerAsync("f");
    }

    private static GearmanWorker Worker(FakeServer server, Func<GearmanWorkerOptions, GearmanWorkerOptions>? change = null)
    {
        var options = new GearmanWorkerOptions
        {
            Servers = [server.Address],
            MaxConcurrency = 1,
            ClientId = "tester",
            BackOff = new() { First = TimeSpan.FromMilliseconds(10) },
        };
        return new GearmanWorker(change?.Invoke(options) ?? options);
    }
}
