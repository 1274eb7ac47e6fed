using System.Net;
using System.Net.Sockets;

namespace Flotilla.MySql.Tests;

/// <summary>Plays one script for each connection: for what real servers here do not do, and for servers that misbehave.</summary>
internal sealed class FakeServer : IAsyncDisposable
{
    private readonly Socket _listener;
    private readonly Task _running;

    public FakeServer(Func<FakeSession, Task> script, string? unixSocket = null)
    {
        if (unixSocket is null)
        {
            _listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        }
        else
        {
            _listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            _listener.Bind(new UnixDomainSocketEndPoint(unixSocket));
        }

        _listener.Listen();
        Options = unixSocket is null
            ? Servers.Patient with { Port = ((IPEndPoint)_listener.LocalEndPoint!).Port, User = "fake", Password = "secret" }
            : Servers.Patient with { UnixSocket = unixSocket, User = "fake", Password = "secret" };
        _running = RunAsync(script);
    }

    /// <summary>How to connect to it, as fake with the password secret.</summary>
    public MySqlOptions Options { get; }

    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        await _running;
    }

    private async Task RunAsync(Func<FakeSession, Task> script)
    {
        var sessions = new List<Task>();
        while (true)
        {
            Socket socket;
            try
            {
                socket = await _listener.AcceptAsync();
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                await Task.WhenAll(sessions);
                return;
            }

            sessions.Add(ServeAsync(socket, script));
        }
    }

    private static async Task ServeAsync(Socket socket, Func<FakeSession, Task> script)
    {
        using (socket)
        {
            try
            {
                await using var stream = new NetworkStream(socket);
                await script(new FakeSession(stream));
                // Stay until the client has gone, so that it reads what was said.
                _ = await stream.ReadAtLeastAsync(new byte[1], 1, throwOnEndOfStream: false);
            }
            catch (IOException)
            {
                // The client has gone.
            }
        }
    }
}
