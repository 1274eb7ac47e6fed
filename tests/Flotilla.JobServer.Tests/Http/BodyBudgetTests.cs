using System.Text;
using Flotilla.JobServer.Http;
using Flotilla.JobServer.Tests.Server;
using Flotilla.TestSupport;

namespace Flotilla.JobServer.Tests.Http;

/// <summary>Half-sent bodies share one budget, each connection being within its own limit.</summary>
public sealed class BodyBudgetTests
{
    private const int Megabyte = 1024 * 1024;

    [Theory]
    [InlineData("Content-Length: 10000000\r\n\r\n")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n989680\r\n")]
    public void WhatWouldGoBeyondItIsRefusedAndEveryEndGivesBackWhatWasHeld(string body)
    {
        var bodies = new BodyBudget(Megabyte);
        var fronts = Enumerable.Range(0, 10)
            .Select(_ => new HttpFront(bodies: bodies).Send("POST /f HTTP/1.1\r\n" + body + new string('x', 200_000)))
            .ToList();
        var held = fronts.Where(front => front.Closed.Count == 0).ToList();
        var refused = fronts.Except(held).ToList();
        Assert.Equal((4, 6), (held.Count, refused.Count));
        Assert.All(refused, front => Assert.StartsWith("HTTP/1.1 503 Service Unavailable\r\n", front.Take(), StringComparison.Ordinal));
        Assert.InRange(bodies.UsedBytes, 4 * 200_000, Megabyte);

        var small = new HttpFront(bodies: bodies).Send("POST /f HTTP/1.1\r\nContent-Length: 400\r\n\r\n" + new string('x', 400));
        Assert.Single(small.Submitted);

        held[0].Session.OnClosed();
        held[1].End();
        var freed = bodies.UsedBytes;
        Assert.InRange(freed, 2 * 200_000, Megabyte / 2);
        var again = new HttpFront(bodies: bodies).Send("POST /f HTTP/1.1\r\nContent-Length: 200000\r\n\r\n" + new string('x', 200_000));
        Assert.Single(again.Submitted);
        Assert.Equal(freed, bodies.UsedBytes);
        held.ForEach(front => front.Session.OnClosed());
        Assert.Equal(0, bodies.UsedBytes);
    }

    [Fact]
    public async Task ConnectionsThatEndAmidTheirBodiesMakeRoomForOthers()
    {
        await using var server = await TestServer.StartAsync(new JobServerOptions
        {
            Listeners = [TestServer.AnyPort with { Protocol = JobServerProtocol.Http }],
            Http = new HttpFrontOptions { MaxBodiesBytes = Megabyte },
        });
        var half = "POST /f HTTP/1.1\r\nContent-Length: 10000000\r\n\r\n" + new string('x', 200_000);
        var clients = Enumerable.Range(0, 12).Select(_ => server.Connect().Send(half)).ToList();

        // Four such bodies fit.
        await Deadline.UntilAsync(() => server.Log.Warnings.Count >= 8, "the others are refused");
        Assert.All(server.Log.Warnings, line => Assert.Contains("503", line, StringComparison.Ordinal));
        Assert.StartsWith("HTTP/1.0 200 OK\r\n", Post(server, 300), StringComparison.Ordinal);

        clients.ForEach(client => client.Dispose());
        await Deadline.UntilAsync(() => Post(server, 600_000).StartsWith("HTTP/1.0 200 OK\r\n", StringComparison.Ordinal), "there is room again");
    }

    private static string Post(TestServer server, int bytes)
    {
        using var client = server.Connect();
        var answer = new StringBuilder();
        try
        {
            client.Send($"POST /f HTTP/1.0\r\nX-Gearman-Background: true\r\nContent-Length: {bytes}\r\n\r\n" + new string('x', bytes));
            for (var next = client.Stream.ReadByte(); next >= 0; next = client.Stream.ReadByte())
                answer.Append((char)next);
        }
        catch (IOException)
        {
            // Refused while it was still sending.
        }

        return answer.ToString();
    }
}
