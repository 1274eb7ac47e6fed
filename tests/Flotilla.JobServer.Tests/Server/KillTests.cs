using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using Flotilla.Gearman.Protocol;
using Flotilla.TestSupport;

namespace Flotilla.JobServer.Tests.Server;

/// <summary>The server is killed while it acknowledges jobs; what it acknowledged is there when it comes back, once.</summary>
public sealed class KillTests : IDisposable
{
    private const int Clients = 50;
    private readonly string _folder = Directory.CreateTempSubdirectory("flotilla-kill-").FullName;

    [Fact]
    [Trait("tier", "full")]
    public async Task EveryAcknowledgedJobIsThereOnceAfterSigkill()
    {
        var acknowledged = new ConcurrentDictionary<string, string>(StringComparer.Ordinal);
        for (var round = 0; round < 3; round++)
        {
            await using var server = await StartAsync();
            var before = acknowledged.Count;
            var peers = Enumerable.Range(0, Clients).Select(_ => RawPeer.Connect(new IPEndPoint(IPAddress.Loopback, server.Port))).ToList();
            var clients = peers.Select((peer, number) => Task.Factory.StartNew(
                () => Submit(peer, $"{round}/{number}", acknowledged),
                CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)).ToList();
            await Deadline.UntilAsync(() => acknowledged.Count > before + 4000, "some jobs are acknowledged");
            server.Child.Kill();
            await Task.WhenAll(clients).WaitAsync(Deadline.Default);
        }

        await using var last = await StartAsync();
        var found = Drain(last.Port);
        Assert.Equal(found.Count, found.DistinctBy(job => job.Handle).Count());
        var byHandle = found.ToDictionary(job => job.Handle, job => job.Data, StringComparer.Ordinal);
        Assert.All(acknowledged, job => Assert.Equal(job.Value, byHandle.GetValueOrDefault(job.Key)));
        Assert.True(acknowledged.Count > 12_000);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static void Submit(RawPeer peer, string name, ConcurrentDictionary<string, string> acknowledged)
    {
        const int AtOnce = 8;
        try
        {
            for (var i = 0; i < 1_000_000; i++)
            {
                for (var k = 0; k < AtOnce; k++)
                    peer.Send(PacketType.SubmitJobBg, "f", "", $"{name}/{i}/{k}");
                for (var k = 0; k < AtOnce; k++)
                    acknowledged[peer.Read(PacketType.JobCreated)[0]] = $"{name}/{i}/{k}";
            }
        }
        catch (IOException)
        {
            // The server is gone, as it should be.
        }

        peer.Dispose();
    }

    private static List<(string Handle, string Data)> Drain(int port)
    {
        using var worker = RawPeer.Connect(new IPEndPoint(IPAddress.Loopback, port)).CanDo("f");
        var found = new List<(string, string)>();
        while (worker.Send(PacketType.GrabJob).Read() is (PacketType.JobAssign, var arguments))
        {
            found.Add((arguments[0], arguments[2]));
            worker.Send(PacketType.WorkComplete, arguments[0], "");
        }

        return found;
    }

    private async Task<Running> StartAsync()
    {
        var child = ChildProcess.Start(["serve", _folder]);
        return new Running(child, int.Parse(await child.ReadLineAsync(), CultureInfo.InvariantCulture));
    }

    private sealed record Running(ChildProcess Child, int Port) : IAsyncDisposable
    {
        public ValueTask DisposeAsync() => Child.DisposeAsync();
    }
}
