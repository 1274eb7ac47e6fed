using Flotilla.Gearman.Protocol;
using Flotilla.Gearman.Tests.Servers;
using Flotilla.TestSupport;

namespace Flotilla.Gearman.Tests.Conversations;

public sealed class AdminTests(JobServers servers)
{
    [Theory]
    [ServersWith]
    public async Task TheServerTellsItsVersion(ServerKind kind)
    {
        await using var talk = await Talk.WithAsync(servers, kind);
        Assert.Matches(@"^v?\d+\.\d+", await talk.Admin().GetVersionAsync());
    }

    [Theory]
    [ServersWith]
    public async Task StatusCountsJobsAndWorkers(ServerKind kind)
    {
        await using var talk = await Talk.WithAsync(servers, kind);
        var client = talk.Client();
        await client.SubmitBackgroundAsync(talk.Function, default);
        await client.SubmitBackgroundAsync(talk.Function, default);
        var go = new TaskCompletionSource();
        var began = new TaskCompletionSource();
        await talk.WorkAsync(
            async (_, _) =>
            {
                began.TrySetResult();
                await go.Task;
                return default;
            },
            options => options with { MaxConcurrency = 1 });
        await began.Task.WaitAsync(Deadline.Default);
        var rows = await talk.Admin().GetStatusAsync();
        Assert.Equal(new StatusRow(talk.Function, 2, 1, 1), rows.Single(row => row.Function == talk.Function));
        go.SetResult();
    }

    [Theory]
    [ServersWith]
    public async Task WorkersAreListedWithTheirNameAndFunctions(ServerKind kind)
    {
        await using var talk = await Talk.WithAsync(servers, kind);
        await talk.WorkAsync(Talk.Echo, options => options with { ClientId = $"id-{talk.Function}" });
        var worker = (await talk.Admin().GetWorkersAsync()).Single(row => row.ClientId == $"id-{talk.Function}");
        Assert.Equal([talk.Function], worker.Functions);
        Assert.Equal("127.0.0.1", worker.Address);
    }

    [Theory]
    [ServersWith(Feature.AdminLists)]
    public async Task JobsAndUniqueKeysAndPrioritiesAreListed(ServerKind kind)
    {
        await using var talk = await Talk.WithAsync(servers, kind);
        var handle = await talk.Client().SubmitBackgroundAsync(
            new JobRequest(talk.Function, default) { Unique = talk.Function, Priority = JobPriority.High });
        var admin = talk.Admin();
        Assert.Contains(await admin.GetJobsAsync(), row => row.Handle == handle.Text);
        Assert.Contains(await admin.GetUniqueJobsAsync(), row => row.Unique == talk.Function);
        var row = (await admin.GetPriorityStatusAsync()).Single(row => row.Function == talk.Function);
        Assert.Equal(new PriorityRow(talk.Function, 1, 0, 0, 0), row);
    }

    [Theory]
    [ServersWith(Feature.AdminLists)]
    public async Task FunctionsAreCreatedLimitedAndDropped(ServerKind kind)
    {
        await using var talk = await Talk.WithAsync(servers, kind);
        var admin = talk.Admin();
        await admin.CreateFunctionAsync(talk.Function);
        Assert.Contains(await admin.GetStatusAsync(), row => row == new StatusRow(talk.Function, 0, 0, 0));
        await admin.SetMaxQueueAsync(talk.Function, 1);
        var client = talk.Client();
        await client.SubmitBackgroundAsync(talk.Function, default);
        var full = await Assert.ThrowsAsync<GearmanServerException>(() => client.SubmitBackgroundAsync(talk.Function, default));
        Assert.Equal("QUEUE_ERROR", full.Code);
        var empty = Talk.NewName();
        await admin.CreateFunctionAsync(empty);
        await admin.DropFunctionAsync(empty);
        Assert.DoesNotContain(await admin.GetStatusAsync(), row => row.Function == empty);
        await Assert.ThrowsAsync<GearmanServerException>(() => admin.DropFunctionAsync(empty));
    }

    [Theory]
    [ServersWith(Feature.Cancel)]
    public async Task JobsAreCancelledByHandle(ServerKind kind)
    {
        await using var talk = await Talk.WithAsync(servers, kind);
        var handle = await talk.Client().SubmitBackgroundAsync(talk.Function, default);
        var admin = talk.Admin();
        Assert.True(await admin.CancelJobAsync(handle.Text));
        Assert.False(await admin.CancelJobAsync("H:nowhere:1"));
    }

    [Theory]
    [ServersWith]
    public async Task ACommandThatTheServerDoesNotKnowThrowsAndTheConnectionGoesOn(ServerKind kind)
    {
        await using var talk = await Talk.WithAsync(servers, kind);
        var admin = talk.Admin();
        Assert.StartsWith("ERR ", await admin.SendLineAsync("nonsense"), StringComparison.OrdinalIgnoreCase);
        await Assert.ThrowsAsync<GearmanServerException>(() => admin.SendListAsync("nonsense"));
        await admin.GetStatusAsync();
    }

    [Theory]
    [ServersWith]
    public async Task CommandsMayOverlap(ServerKind kind)
    {
        await using var talk = await Talk.WithAsync(servers, kind);
        var admin = talk.Admin();
        await Task.WhenAll(Enumerable.Range(0, 50).Select(async i =>
        {
            if (i % 2 == 0)
                await admin.GetStatusAsync();
            else
                await admin.GetVersionAsync();
        })).WaitAsync(Deadline.Default);
    }
}
