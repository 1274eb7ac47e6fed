using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using Flotilla.TestSupport;

namespace Flotilla.Gearman.Tests.Fake;

/// <summary>A listener whose connections a test answers byte by byte.</summary>
internal sealed class FakeServer : IAsyncDisposable
{
    private readonly Socket _listener;
    private readonly Channel<FakePeer> _accepted = Channel.CreateUnbounded<FakePeer>();
    private readonly List<FakePeer> _peers = [];
    private readonly Func<Socket, Task<Stream>> _wrap;
    private readonly string? _path;

    private FakeServer(Socket listener, string? path, Func<Socket, Task<Stream>>? wrap)
    {
        _listener = listener;
        _path = path;
        _wrap = wrap ?? (static socket => Task.FromResult<Stream>(new NetworkStream(socket, ownsSocket: true)));
        _listener.Listen();
        _ = AcceptAsync();
    }

    public GearmanAddress Address
        => _path is not null ? GearmanAddress.Unix(_path) : GearmanAddress.Tcp((IPEndPoint)_listener.LocalEndPoint!);

    public static FakeServer Start(Func<Socket, Task<Stream>>? wrap = null)
    {
        var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return new FakeServer(listener, null, wrap);
    }

    public static FakeServer StartUnix(string path)
    {
        var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(path));
        return new FakeServer(listener, path, null);
    }

    /// <summary>The next connection.</summary>
    public async Task<FakePeer> AcceptPeerAsync() => await _accepted.Reader.ReadAsync().AsTask().WaitAsync(Deadline.Default);

    /// <summary>The next connection of a client, after its greeting.</summary>
    public async Task<FakePeer> AcceptClientAsync()
    {
        var peer = await AcceptPeerAsync();
        await peer.ExpectAsync(26, "exceptions");
        await peer.SendAsync(27, "exceptions");
        return peer;
    }

    /// <summary>The next connection of a worker, after its greeting and its one ability.</summary>
    public async Task<FakePeer> AcceptWorkerAsync(string function)
    {
        var peer = await AcceptPeerAsync();
        await peer.ExpectAsync(26, "cancellations");
        await peer.ExpectAsync(22);
        await peer.ExpectAsync(16, "hello");
        await peer.SendAsync(27, "cancellations");
        await peer.SendAsync(17, "hello");
        await peer.ExpectAsync(1, function);
        await peer.ExpectAsync(16, "ready");
        await peer.SendAsync(17, "ready");
        return peer;
    }

    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        foreach (var peer in _peers)
            await peer.DisposeAsync();
        if (_path is not null)
            File.Delete(_path);
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var socket = await _listener.AcceptAsync();
                var peer = new FakePeer(await _wrap(socket));
                _peers.Add(peer);
                _accepted.Writer.TryWrite(peer);
            }
        }
        catch (Exception failure) when (failure is SocketException or ObjectDisposedException or IOException
            or System.Security.Authentication.AuthenticationException)
        {
            _accepted.Writer.TryComplete(failure);
        }
    }
}
