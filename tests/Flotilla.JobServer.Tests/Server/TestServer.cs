using System.Net;
using Flotilla.Sockets;

namespace Flotilla.JobServer.Tests.Server;

/// <summary>A server on a free port of loopback, with its log.</summary>
internal sealed class TestServer : IAsyncDisposable
{
    private TestServer(JobServerHost host, CollectedLog log)
    {
        Host = host;
        Log = log;
    }

    public static TheoryData<SocketLoopKind, int> Kinds => new()
    {
        { SocketLoopKind.Epoll, 1 },
        { SocketLoopKind.Epoll, 3 },
        { SocketLoopKind.Portable, 1 },
    };

    public static JobServerListener AnyPort { get; } = new() { EndPoint = new IPEndPoint(IPAddress.Loopback, 0) };

    public JobServerHost Host { get; }

    public CollectedLog Log { get; }

    public static async Task<TestServer> StartAsync(JobServerOptions? options = null)
    {
        var log = new CollectedLog();
        options ??= new JobServerOptions();
        var hasListeners = options.Listeners is not [{ EndPoint: IPEndPoint { Port: JobServerListener.DefaultPort } }];
        return new TestServer(
            await JobServerHost.StartAsync(options with { Logger = log, Listeners = hasListeners ? options.Listeners : [AnyPort] }), log);
    }

    public RawPeer Connect(int listener = 0) => RawPeer.Connect(Host.Endpoints[listener]);

    public ValueTask DisposeAsync() => Host.DisposeAsync();
}
