using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Flotilla.TestSupport;

namespace Flotilla.Sockets.Tests;

/// <summary>Bug B17 of gearmand: without descriptors it spins, and other errors of accept stop it.</summary>
public sealed class DescriptorLimitTests
{
    private const int Limit = 100;

    [Fact]
    public async Task B17_WithoutDescriptorsAcceptingPausesWithoutSpinningAndGoesOnAfterwards()
    {
        await using var child = ChildProcess.Start(["echo"], $"ulimit -n {Limit};");
        var port = int.Parse(await child.ReadLineAsync(), CultureInfo.InvariantCulture);
        var clients = new List<Socket>();
        for (var i = 0; i < Limit * 2; i++)
            clients.Add(Connect(port));

        // The last ones wait in vain for a second; meanwhile, and afterwards, the server sleeps.
        Assert.True(Answers(clients[0]));
        await AskAsync(child);
        for (var i = 0; i < 3; i++)
        {
            var before = await AskAsync(child);
            await Task.Delay(400);
            var after = await AskAsync(child);
            Assert.True(after.CpuMs - before.CpuMs < 200, $"{after.CpuMs - before.CpuMs} ms of processor time in 400 ms of nothing");
        }

        // Then they are turned away rather than left hanging, and so is who comes later; all of it is told once.
        Assert.False(Answers(clients[^1]));
        using (var late = Connect(port))
            Assert.False(Answers(late));
        Assert.Equal(nameof(SocketEventKind.AcceptPaused), (await AskAsync(child)).Told);

        clients.ForEach(client => client.Dispose());
        await Deadline.UntilAsync(
            () =>
            {
                using var late = Connect(port);
                return Answers(late);
            },
            "connections are accepted again");
        await Deadline.UntilAsync(
            async () => (await AskAsync(child)).Told.EndsWith(nameof(SocketEventKind.AcceptResumed), StringComparison.Ordinal),
            "that is told");
    }

    private static async Task<(double CpuMs, string Told)> AskAsync(ChildProcess child)
    {
        await child.Input.WriteLineAsync();
        await child.Input.FlushAsync();
        var line = await child.ReadLineAsync();
        var space = line.IndexOf(' ', StringComparison.Ordinal);
        return (double.Parse(line[..space], CultureInfo.InvariantCulture), line[(space + 1)..]);
    }

    private static Socket Connect(int port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveTimeout = 20_000 };
        socket.Connect(new IPEndPoint(IPAddress.Loopback, port));
        return socket;
    }

    private static bool Answers(Socket socket)
    {
        try
        {
            socket.Send("x"u8);
            return socket.Receive(new byte[1]) == 1;
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.ConnectionReset or SocketError.Shutdown)
        {
            return false;
        }
    }
}
