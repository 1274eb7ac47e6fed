using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Flotilla.Chaos.Tests.Clients;

/// <summary>
/// A relay: hands on what comes to some ports of one address to the same ports of another, and the answers back. Told on standard input, it stops doing so for one peer, port and direction (<c>cut 10.77.1.2 in 3306</c>), or
/// goes on with all (<c>mend</c>), and prints how often it held something back. Ends with its input.
/// </summary>
internal static class RelayProgram
{
    private const int ChunkBytes = 64 * 1024;

    /// <summary>Directions that are cut, each with what those wait for who have something to hand on.</summary>
    private static readonly ConcurrentDictionary<string, TaskCompletionSource> s_cuts = new(StringComparer.Ordinal);

    private static int s_held;

    /// <summary>Where it listens, where the ports are, and which they are.</summary>
    public static async Task<int> RunAsync(string[] arguments)
    {
        var (here, there) = (IPAddress.Parse(arguments[0]), IPAddress.Parse(arguments[1]));
        foreach (var port in arguments[2..].Select(text => int.Parse(text, CultureInfo.InvariantCulture)))
            _ = ListenAsync(new IPEndPoint(here, port), new IPEndPoint(there, port));
        while (await Console.In.ReadLineAsync(CancellationToken.None) is { } line)
        {
            if (line.Split(' ') is ["cut", var peer, var direction, var port])
                s_cuts.TryAdd($"{peer} {direction} {port}", new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
            if (line != "mend")
                continue;
            Console.WriteLine(Interlocked.Exchange(ref s_held, 0).ToString(CultureInfo.InvariantCulture));
            foreach (var cut in s_cuts.Keys)
            {
                if (s_cuts.TryRemove(cut, out var end))
                    end.SetResult();
            }
        }

        return 0;
    }

    private static async Task ListenAsync(IPEndPoint here, IPEndPoint there)
    {
        using var listener = new TcpListener(here);
        listener.Start();
        while (true)
            _ = RelayAsync(await listener.AcceptSocketAsync(), there);
    }

    private static async Task RelayAsync(Socket peer, IPEndPoint there)
    {
        using var outer = peer;
        using var inner = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        outer.NoDelay = true;
        try
        {
            var from = ((IPEndPoint)outer.RemoteEndPoint!).Address;
            await inner.ConnectAsync(there);
            await await Task.WhenAny(HandOnAsync(outer, inner, $"{from} in {there.Port}"), HandOnAsync(inner, outer, $"{from} out {there.Port}"));
        }
        catch (SocketException)
        {
            // One of them ended: so does the other.
        }
    }

    private static async Task HandOnAsync(Socket from, Socket to, string direction)
    {
        var chunk = new byte[ChunkBytes];
        while (await from.ReceiveAsync(chunk) is > 0 and var length)
        {
            // Whatever comes now was sent before, and is late.
            while (s_cuts.TryGetValue(direction, out var cut))
            {
                Interlocked.Increment(ref s_held);
                await cut.Task;
            }

            for (var sent = 0; sent < length;)
                sent += await to.SendAsync(chunk.AsMemory(sent, length - sent));
        }

        while (s_cuts.TryGetValue(direction, out var last))
            await last.Task;
    }
}
