using System.Collections.Concurrent;
using System.Text.Json;
using Flotilla.Gearman;
using Flotilla.JobServer.Core;
using Flotilla.JobServer.Telemetry.Hooks;
using Flotilla.TestSupport;

namespace Flotilla.Node.Tests;

public sealed class HookRingTests
{
    [Fact]
    public async Task TwoHooksThatCallFunctionsDoNotFeedEachOther()
    {
        await using var node = await RunningNode.StartAsync(options => options with { Hooks = [Hook("one"), Hook("two")] });
        var one = new ConcurrentQueue<string>();
        var two = new ConcurrentQueue<string>();
        await using var first = await node.WorkerAsync("one", Recording(one));
        await using var second = await node.WorkerAsync("two", Recording(two));
        await node.AskAsync(HttpMethod.Post, "/functions/f/jobs", new ByteArrayContent([]));
        await Deadline.UntilAsync(() => !one.IsEmpty && !two.IsEmpty, "the first job is told of");
        await node.AskAsync(HttpMethod.Post, "/functions/last/jobs", new ByteArrayContent([]));
        await Deadline.UntilAsync(() => one.Contains("last") && two.Contains("last"), "the last job is told of");
        Assert.Equal(["f", "last"], one);
        Assert.Equal(["f", "last"], two);
    }

    private static HookOptions Hook(string function)
        => new() { Name = function, Function = function, Events = [JobServerEventKind.JobSubmitted] };

    private static JobHandler Recording(ConcurrentQueue<string> functions) => (context, _) =>
    {
        using var told = JsonDocument.Parse(context.Payload);
        functions.Enqueue(told.RootElement.GetProperty("function").GetString()!);
        return ValueTask.FromResult(ReadOnlyMemory<byte>.Empty);
    };
}
