using System.Net;
using System.Net.Sockets;

namespace Flotilla.MySql.Tests.Golden;

/// <summary>Stands between one client and a server and keeps what each says, in the order they take turns.</summary>
internal sealed class RecordingProxy : IAsyncDisposable
{
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly Lock _lock = new();
    private readonly List<(bool IsServer, List<byte> Bytes)> _chunks = [];
    private readonly Task _running;

    public RecordingProxy(int serverPort)
    {
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen();
        _running = RunAsync(serverPort);
    }

    public int Port => ((IPEndPoint)_listener.LocalEndPoint!).Port;

    /// <summary>What was said; call when the client has gone.</summary>
    public async Task<IReadOnlyList<(bool IsServer, byte[] Bytes)>> EndAsync()
    {
        await _running;
        return [.. _chunks.Select(chunk => (chunk.IsServer, chunk.Bytes.ToArray()))];
    }

    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        try
        {
            await _running;
        }
        catch (SocketException)
        {
            // Nobody came.
        }
    }

    private async Task RunAsync(int serverPort)
    {
        using var client = await _listener.AcceptAsync();
        using var server = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await server.ConnectAsync(IPAddress.Loopback, serverPort);
        await Task.WhenAll(PumpAsync(client, server, isServer: false), PumpAsync(server, client, isServer: true));
    }

    private async Task PumpAsync(Socket from, Socket to, bool isServer)
    {
        var buffer = new byte[64 * 1024];
        int read;
        while ((read = await from.ReceiveAsync(buffer)) > 0)
        {
            lock (_lock)
            {
                if (_chunks.Count == 0 || _chunks[^1].IsServer != isServer)
                    _chunks.Add((isServer, []));
                _chunks[^1].Bytes.AddRange(buffer.AsSpan(0, read));
            }

            await to.SendAsync(buffer.AsMemory(0, read));
        }

        to.Shutdown(SocketShutdown.Send);
    }
}
