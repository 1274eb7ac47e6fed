using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Flotilla.Cluster.Lines;

/// <summary>Listens for the membership line protocol. See docs/protocols/membership-lines.md.</summary>
public sealed class LineProtocolServer : IAsyncDisposable
{
    public const int DefaultPort = 2200;

    /// <summary>For a person or two and every server of a host.</summary>
    public const int ConnectionsMax = 256;

    /// <summary>A connection that says nothing for so long ends: whoever announced a server says something every 10 s.</summary>
    public static readonly TimeSpan Silence = TimeSpan.FromMinutes(10);

    private readonly Socket _listener;
    private readonly Func<LineSession> _newSession;
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _gate = new();
    private readonly HashSet<Task> _connections = [];
    private readonly Task _accepting;

    private LineProtocolServer(Socket listener, Func<LineSession> newSession)
    {
        (_listener, _newSession) = (listener, newSession);
        _accepting = Task.Run(AcceptAsync);
    }

    /// <summary>Where it listens, with the port that was free.</summary>
    public IPEndPoint Endpoint => (IPEndPoint)_listener.LocalEndPoint!;

    /// <summary>Listens until disposed.</summary>
    /// <param name="endpoint">Loopback: the protocol knows neither secrets nor encryption.</param>
    /// <param name="newSession">Called for each connection.</param>
    /// <exception cref="SocketException">The address can't be listened on.</exception>
    public static LineProtocolServer Start(IPEndPoint endpoint, Func<LineSession> newSession)
    {
        if (!IPAddress.IsLoopback(endpoint.Address))
            throw new ArgumentException($"the line protocol is for programs of this host: {endpoint} is not loopback", nameof(endpoint));
        var listener = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            listener.Bind(endpoint);
            listener.Listen();
            return new LineProtocolServer(listener, newSession);
        }
        catch
        {
            listener.Dispose();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _accepting;
        Task[] open;
        lock (_gate)
            open = [.. _connections];
        await Task.WhenAll(open);
        _listener.Dispose();
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            Socket connection;
            try
            {
                connection = await _listener.AcceptAsync(_stop.Token);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (SocketException)
            {
                // No descriptors: whoever connects waits until there are some again.
                await Task.Delay(TimeSpan.FromSeconds(1), CancellationToken.None);
                continue;
            }

            Begin(connection);
        }
    }

    private void Begin(Socket connection)
    {
        lock (_gate)
        {
            var serving = ServeAsync(connection, isOneTooMany: _connections.Count >= ConnectionsMax);
            _connections.Add(serving);
            _ = serving.ContinueWith(
                ended =>
                {
                    lock (_gate)
                        _connections.Remove(ended);
                },
                CancellationToken.None,
                TaskContinuationOptions.None,
                TaskScheduler.Default);
        }
    }

    private async Task ServeAsync(Socket connection, bool isOneTooMany)
    {
        await Task.Yield();
        using var _ = connection;
        try
        {
            if (isOneTooMany)
                await SendAsync(connection, LineSession.Problem(LineProblem.TooManyConnections));
            else
                await TalkAsync(connection, _newSession());
        }
        catch (Exception failure) when (failure is SocketException or OperationCanceledException)
        {
            // The connection is over; what it announced ends with its ttl.
        }
    }

    private async Task TalkAsync(Socket connection, LineSession session)
    {
        var buffer = new byte[LineRequest.LengthMax + 2];
        var filled = 0;
        while (true)
        {
            var received = await WithinAsync(token => connection.ReceiveAsync(buffer.AsMemory(filled), token));
            if (received == 0)
                return;
            filled += received;
            var start = 0;
            while (buffer.AsSpan(start, filled - start).IndexOf((byte)'\n') is >= 0 and var length)
            {
                await SendAsync(connection, session.Answer(buffer.AsSpan(start, length).TrimEnd((byte)'\r')));
                start += length + 1;
            }

            buffer.AsSpan(start, filled - start).CopyTo(buffer);
            filled -= start;
            if (filled == buffer.Length)
            {
                await SendAsync(connection, LineSession.Problem(LineProblem.LineTooLong));
                return;
            }
        }
    }

    private async Task SendAsync(Socket connection, string answer)
    {
        var bytes = Encoding.UTF8.GetBytes(answer);
        for (var sent = 0; sent < bytes.Length;)
        {
            var from = sent;
            sent += await WithinAsync(token => connection.SendAsync(bytes.AsMemory(from), token));
        }
    }

    /// <summary>Neither a silent peer nor one that reads nothing is waited for without end.</summary>
    private async Task<int> WithinAsync(Func<CancellationToken, ValueTask<int>> act)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        limit.CancelAfter(Silence);
        return await act(limit.Token);
    }
}
