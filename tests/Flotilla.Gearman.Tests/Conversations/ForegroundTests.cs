using System.Text;
using Flotilla.Gearman.Tests.Servers;
using Flotilla.TestSupport;

namespace Flotilla.Gearman.Tests.Conversations;

public sealed class ForegroundTests(JobServers servers)
{
    [Theory]
    [ServersWith]
    public async Task TheClientGetsWhatTheHandlerReturns(ServerKind kind)
    {
        await using var talk = await Talk.WithAsync(servers, kind);
        await talk.WorkAsync(Talk.Reverse);
        var result = await talk.Client().SubmitAsync(talk.Function, Talk.Bytes("Flotilla")).WaitAsync(Deadline.Default);
        Assert.Equal("allitolF", result.Text);
        Assert.Empty(result.Data);
        Assert.Equal(talk.Server.Address, result.Handle.Server);
    }

    [Theory]
    [ServersWith]
    public async Task PayloadsMayBeEmptyHoldZeroBytesOrBeLarge(ServerKind kind)
    {
        await using var talk = await Talk.WithAsync(servers, kind);
        await talk.WorkAsync(Talk.Echo);
        var client = talk.Client();
        var random = new Random(7);
        foreach (var size in (int[])[0, 1, 100, 16 * 1024, 70_000, 1_000_000])
        {
            var payload = new byte[size];
            random.NextBytes(payload);
            var result = await client.SubmitAsync(talk.Function, payload).WaitAsync(Deadline.Default);
            Assert.True(payload.AsSpan().SequenceEqual(result.Payload.Span), $"{size} bytes came back different");
        }
    }

    [Theory]
    [ServersWith]
    public async Task AThousandJobsMayWaitAtOnceOnOneConnection(ServerKind kind)
    {
        await using var talk = await Talk.WithAsync(servers, kind);
        await talk.WorkAsync(Talk.Echo, options => options with { MaxConcurrency = 32 });
        var client = talk.Client();
        var jobs = Enumerable.Range(0, 1000).Select(i => client.SubmitAsync(talk.Function, Talk.Bytes($"job {i}"))).ToList();
        var results = await Task.WhenAll(jobs).WaitAsync(Deadline.Default);
        Assert.Equal(Enumerable.Range(0, 1000).Select(i => $"job {i}"), results.Select(result => result.Text));
    }

    [Theory]
    [ServersWith]
    public async Task ManyThreadsMayShareAClient(ServerKind kind)
    {
        await using var talk = await Talk.WithAsync(servers, kind);
        await talk.WorkAsync(Talk.Echo);
        var client = talk.Client();
        await Parallel.ForEachAsync(Enumerable.Range(0, 200), new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (i, token) =>
        {
            var result = await client.SubmitAsync(talk.Function, Talk.Bytes($"{i}"), token);
            Assert.Equal($"{i}", result.Text);
        }).WaitAsync(Deadline.Default);
    }

    [Theory]
    [ServersWith(Feature.DataAndWarnings)]
    public async Task DataWarningsAndProgressArriveInOrder(ServerKind kind)
    {
        await using var talk = await Talk.WithAsync(servers, kind);
        await talk.WorkAsync(Narrate);
        var updates = new List<string>();
        await foreach (var update in talk.Client().StreamAsync(new JobRequest(talk.Function, default)))
            updates.Add($"{update.Kind} {update.Text} {update.Progress.Numerator}/{update.Progress.Denominator}");
        Assert.Equal(["Progress  1/2", "Data one 0/0", "Warning careful 0/0", "Data two 0/0", "Progress  2/2", "Completed end 0/0"], updates);
    }

    [Theory]
    [ServersWith(Feature.DataAndWarnings)]
    public async Task DataAndWarningsAreInTheResultOfAPlainWait(ServerKind kind)
    {
        await using var talk = await Talk.WithAsync(servers, kind);
        await talk.WorkAsync(Narrate);
        var result = await talk.Client().SubmitAsync(talk.Function, default).WaitAsync(Deadline.Default);
        Assert.Equal("onetwoend", Encoding.UTF8.GetString(result.Concatenate().Span));
        Assert.Equal("careful", Encoding.UTF8.GetString(Assert.Single(result.Warnings).Span));
    }

    [Theory]
    [ServersWith]
    public async Task ProgressIsSeenByStatusAndByUpdates(ServerKind kind)
    {
        await using var talk = await Talk.WithAsync(servers, kind);
        var go = new TaskCompletionSource();
        await talk.WorkAsync(async (job, token) =>
        {
            await job.SendProgressAsync(3, 4, token);
            await go.Task;
            return default;
        });
        var client = talk.Client();
        var job = await client.StartAsync(new JobRequest(talk.Function, default));
        await using var updates = job.ReadUpdatesAsync().GetAsyncEnumerator();
        Assert.True(await updates.MoveNextAsync().AsTask().WaitAsync(Deadline.Default));
        Assert.Equal(0.75, updates.Current.Progress.Fraction);
        var status = await job.GetStatusAsync();
        Assert.Equal(new JobStatus(true, true, new JobProgress(3, 4), null), status);
        var byText = await client.GetStatusAsync(new JobHandle(job.Handle.Text));
        Assert.True(byText.IsRunning);
        go.SetResult();
        await job.Completion.WaitAsync(Deadline.Default);
        await Deadline.UntilAsync(async () => !(await job.GetStatusAsync()).IsKnown, "the server forgets the job");
    }

    [Theory]
    [ServersWith]
    public async Task AJobThatFailsThrows(ServerKind kind)
    {
        await using var talk = await Talk.WithAsync(servers, kind);
        await talk.WorkAsync((_, _) => throw new JobFailedException());
        var failure = await Assert.ThrowsAsync<JobFailedException>(
            () => talk.Client().SubmitAsync(talk.Function, default).WaitAsync(Deadline.Default));
        Assert.StartsWith("H:", failure.Handle.Text);
    }

    [Theory]
    [ServersWith]
    public async Task AnExceptionOfTheHandlerReachesTheClient(ServerKind kind)
    {
        await using var talk = await Talk.WithAsync(servers, kind);
        await talk.WorkAsync((job, _) => throw (job.Text == "own" ? new JobFaultException("my words") : new InvalidOperationException("broken")));
        var client = talk.Client();
        var fault = await Assert.ThrowsAsync<JobFaultException>(() => client.SubmitAsync(talk.Function, default).WaitAsync(Deadline.Default));
        Assert.Equal("InvalidOperationException: broken", Encoding.UTF8.GetString(fault.Fault.Span));
        fault = await Assert.ThrowsAsync<JobFaultException>(
            () => client.SubmitAsync(talk.Function, Talk.Bytes("own")).WaitAsync(Deadline.Default));
        Assert.Equal("my words", Encoding.UTF8.GetString(fault.Fault.Span));
    }

    [Theory]
    [ServersWith]
    public async Task AnExceptionHasItsStackWhenAskedFor(ServerKind kind)
    {
        await using var talk = await Talk.WithAsync(servers, kind);
        await talk.WorkAsync((_, _) => throw new InvalidOperationException("broken"), options => options with { ExceptionDetail = ExceptionDetail.Full });
        var fault = await Assert.ThrowsAsync<JobFaultException>(() => talk.Client().SubmitAsync(talk.Function, default).WaitAsync(Deadline.Default));
        Assert.Contains("   at ", Encoding.UTF8.GetString(fault.Fault.Span));
    }

    [Theory]
    [ServersWith]
    public async Task WithoutTheExceptionsOptionAnExceptionIsAPlainFailure(ServerKind kind)
    {
        await using var talk = await Talk.WithAsync(servers, kind);
        await talk.WorkAsync((_, _) => throw new InvalidOperationException("broken"));
        var client = talk.Client(options => options with { ServerOptions = [] });
        var failure = await Assert.ThrowsAsync<JobFailedException>(() => client.SubmitAsync(talk.Function, default).WaitAsync(Deadline.Default));
        Assert.IsNotType<JobFaultException>(failure);
        await client.SetOptionAsync("exceptions");
        await Assert.ThrowsAsync<JobFaultException>(() => client.SubmitAsync(talk.Function, default).WaitAsync(Deadline.Default));
    }

    [Theory]
    [ServersWith]
    public async Task AfterAFailureTheConnectionGoesOn(ServerKind kind)
    {
        await using var talk = await Talk.WithAsync(servers, kind);
        await talk.WorkAsync((job, _) => job.Text == "bad" ? throw new InvalidOperationException("broken") : ValueTask.FromResult(job.Payload));
        var client = talk.Client();
        for (var i = 0; i < 20; i++)
        {
            await Assert.ThrowsAsync<JobFaultException>(() => client.SubmitAsync(talk.Function, Talk.Bytes("bad")).WaitAsync(Deadline.Default));
            Assert.Equal("good", (await client.SubmitAsync(talk.Function, Talk.Bytes("good")).WaitAsync(Deadline.Default)).Text);
        }
    }

    [Theory]
    [ServersWith]
    public async Task AWaitEndsAtItsTimeout(ServerKind kind)
    {
        await using var talk = await Talk.WithAsync(servers, kind);
        var request = new JobRequest(talk.Function, default) { Timeout = TimeSpan.FromMilliseconds(50) };
        var timeout = await Assert.ThrowsAsync<GearmanTimeoutException>(() => talk.Client().SubmitAsync(request).WaitAsync(Deadline.Default));
        Assert.Equal(TimeSpan.FromMilliseconds(50), timeout.Limit);
    }

    [Theory]
    [ServersWith]
    public async Task AWaitCanBeCancelledAndOthersGoOn(ServerKind kind)
    {
        await using var talk = await Talk.WithAsync(servers, kind);
        var client = talk.Client();
        using var cancel = new CancellationTokenSource();
        var cancelled = client.SubmitAsync(talk.Function, Talk.Bytes("one"), cancel.Token);
        var other = client.SubmitAsync(talk.Function, Talk.Bytes("two"));
        await client.EchoAsync(Talk.Bytes("both are there"));
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled.WaitAsync(Deadline.Default));
        await talk.WorkAsync(Talk.Echo);
        Assert.Equal("two", (await other.WaitAsync(Deadline.Default)).Text);
    }

    [Theory]
    [ServersWith]
    public async Task EchoBringsAnyBytesBack(ServerKind kind)
    {
        await using var talk = await Talk.WithAsync(servers, kind);
        byte[] payload = [0, 1, 2, 0, 255];
        Assert.Equal(payload, (await talk.Client().EchoAsync(payload)).ToArray());
    }

    [Theory]
    [ServersWith]
    public async Task AnOptionThatTheServerDoesNotKnowIsRefused(ServerKind kind)
    {
        await using var talk = await Talk.WithAsync(servers, kind);
        var refusal = await Assert.ThrowsAsync<GearmanServerException>(() => talk.Client().SetOptionAsync("colours"));
        Assert.Equal("UNKNOWN_OPTION", refusal.Code, ignoreCase: true);
        var client = talk.Client(options => options with { ServerOptions = ["colours", "exceptions"] });
        await client.EchoAsync(Talk.Bytes("an option refused while connecting does no harm"));
    }

    private static async ValueTask<ReadOnlyMemory<byte>> Narrate(GearmanJobContext job, CancellationToken cancellationToken)
    {
        await job.SendProgressAsync(1, 2, cancellationToken);
        await job.SendDataAsync(Talk.Bytes("one"), cancellationToken);
        await job.SendWarningAsync(Talk.Bytes("careful"), cancellationToken);
        await job.SendDataAsync(Talk.Bytes("two"), cancellationToken);
        await job.SendProgressAsync(2, 2, cancellationToken);
        return Talk.Bytes("end");
    }
}
