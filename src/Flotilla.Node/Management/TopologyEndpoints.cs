using System.Globalization;
using Flotilla.Cluster.Topology;
using Microsoft.AspNetCore.Http;

namespace Flotilla.Node.Management;

/// <summary><c>/topology</c>: now, as soon as there is something new, or as a stream. See docs/protocols/topology.md.</summary>
internal sealed class TopologyEndpoints(TopologySource source, CancellationToken stopping)
{
    /// <summary>Programs that may wait at one time: every one holds a connection.</summary>
    private const int WaitersMax = 1000;

    private static readonly TimeSpan WaitDefault = TimeSpan.FromSeconds(25);
    private static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan StreamBeat = TimeSpan.FromSeconds(10);

    private int _waiters;

    public void Map(ManagementRoutes routes)
    {
        routes.MapGet("/topology", TopologyAsync);
        routes.MapGet("/topology/events", EventsAsync);
    }

    private static ulong? Number(HttpContext context, string name)
        => !context.Request.Query.TryGetValue(name, out var text) ? null
            : ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
            : throw new BadRequestException($"{name} must be a number");

    private async Task TopologyAsync(HttpContext context)
    {
        var (epoch, version, wait) = (Number(context, "epoch"), Number(context, "version"), Number(context, "wait"));
        if (wait > WaitMax.TotalSeconds)
            throw new BadRequestException($"wait must be at most {WaitMax.TotalSeconds} seconds");
        if (epoch is not { } seen)
        {
            await AnswerAsync(context, source.Current);
            return;
        }

        await WaitingAsync(context, async stop => await AnswerAsync(context, await source.WaitAsync(seen, version, wait is { } given ? TimeSpan.FromSeconds(given) : WaitDefault, stop)));
    }

    private Task EventsAsync(HttpContext context) => WaitingAsync(context, async stop =>
    {
        context.Response.ContentType = "text/event-stream";
        ClusterTopology? last = null;
        while (true)
        {
            var now = last is null ? source.Current : await source.WaitAsync(last.Epoch, last.Version, StreamBeat, stop);
            if (last is null || now.IsNewerThan(last.Epoch, last.Version))
            {
                await context.Response.Body.WriteAsync("event: topology\ndata: "u8.ToArray(), stop);
                await context.Response.Body.WriteAsync(TopologyJson.Write(now), stop);
                await context.Response.Body.WriteAsync("\n\n"u8.ToArray(), stop);
            }
            else
            {
                await context.Response.Body.WriteAsync(":\n\n"u8.ToArray(), stop);
            }

            await context.Response.Body.FlushAsync(stop);
            last = now;
        }
    });

    private static async Task AnswerAsync(HttpContext context, ClusterTopology topology)
    {
        var json = TopologyJson.Write(topology);
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = json.Length;
        await context.Response.Body.WriteAsync(json, context.RequestAborted);
    }

    /// <summary>Whoever waits is let go when the server stops, or they give up.</summary>
    private async Task WaitingAsync(HttpContext context, Func<CancellationToken, Task> wait)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, stopping);
        try
        {
            if (Interlocked.Increment(ref _waiters) > WaitersMax)
                await Answers.ProblemAsync(context, StatusCodes.Status503ServiceUnavailable, "too many wait already");
            else
                await wait(stop.Token);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            if (!context.Response.HasStarted && !context.RequestAborted.IsCancellationRequested)
                await Answers.ProblemAsync(context, StatusCodes.Status503ServiceUnavailable, "the node stops");
        }
        finally
        {
            Interlocked.Decrement(ref _waiters);
        }
    }
}
