using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Flotilla.Groups.Tests.Processes;

/// <summary>
/// Stands before all nodes: they are reached at its addresses only. It knows the two ends of each connection by their addresses, and can keep bytes of one
/// direction back, as a network does that loses every packet of it: they come when the cut ends, the connection stays. Routes: listen=target, one per node.
/// Commands: <c>cut FROM TO</c>, <c>mend FROM TO</c>, by index.
/// </summary>
internal sealed class CutProxy
{
    private readonly IPAddress[] _nodes;
    private readonly ConcurrentDictionary<(int From, int To), TaskCompletionSource> _cuts = new();

    private CutProxy(IPAddress[] nodes) => _nodes = nodes;

    public static async Task<int> RunAsync(string[] routes)
    {
        var ends = routes.Select(route => route.Split('=')).Select(parts => (Listen: IPEndPoint.Parse(parts[0]), Target: IPEndPoint.Parse(parts[1]))).ToArray();
        var proxy = new CutProxy([.. ends.Select(end => end.Target.Address)]);
        foreach (var (listen, target) in ends)
        {
            var listener = new TcpListener(listen);
            listener.Start();
            _ = proxy.AcceptAsync(listener, target);
        }

        Console.WriteLine("ready");
        while (await Console.In.ReadLineAsync() is { } line)
        {
            var words = line.Split(' ');
            var direction = (int.Parse(words[1]), int.Parse(words[2]));
            if (words[0] == "cut")
                proxy._cuts[direction] = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            else if (proxy._cuts.TryRemove(direction, out var cut))
                cut.SetResult();
            Console.WriteLine("done");
        }

        return 0;
    }

    private async Task AcceptAsync(TcpListener listener, IPEndPoint target)
    {
        while (true)
            _ = CarryAsync(await listener.AcceptTcpClientAsync(), target);
    }

    private async Task CarryAsync(TcpClient caller, IPEndPoint target)
    {
        using var callee = new TcpClient();
        using var calling = caller;
        try
        {
            var from = Array.IndexOf(_nodes, ((IPEndPoint)caller.Client.RemoteEndPoint!).Address.MapToIPv4());
            var to = Array.IndexOf(_nodes, target.Address);
            await callee.ConnectAsync(target);
            (caller.NoDelay, callee.NoDelay) = (true, true);
            await Task.WhenAny(CopyAsync(caller, callee, (from, to)), CopyAsync(callee, caller, (to, from)));
        }
        catch (Exception problem) when (problem is SocketException or IOException)
        {
            // One end is gone: so is the other, by the end of this method.
        }
    }

    private async Task CopyAsync(TcpClient source, TcpClient target, (int From, int To) direction)
    {
        var buffer = new byte[64 << 10];
        var (input, output) = (source.GetStream(), target.GetStream());
        while (await input.ReadAsync(buffer) is var count and > 0)
        {
            while (_cuts.TryGetValue(direction, out var cut))
                await cut.Task;
            await output.WriteAsync(buffer.AsMemory(0, count));
        }
    }
}
