using System.Text;
using Flotilla.Gearman.Client;
using Flotilla.Gearman.Connections;

namespace Flotilla.Gearman.Admin;

/// <summary>A connection on which text commands are sent; the answers come in the order of the commands.</summary>
internal sealed class AdminSession : IConnectionSink, IDisposable
{
    private readonly GearmanConnection _connection;
    private readonly GearmanAdminOptions _options;
    private readonly Queue<PendingLines> _pending = new();
    private readonly ITimer _watch;

    public AdminSession(Transport transport, GearmanAddress server, GearmanAdminOptions options)
    {
        _options = options;
        _connection = new GearmanConnection(transport, server, options, options.MaxLineBytes, this);
        var period = ClientSession.WatchPeriod(options);
        _watch = options.TimeProvider.CreateTimer(static state => ((AdminSession)state!).Watch(), this, period, period);
        _connection.Start();
    }

    public bool IsAlive => !_connection.IsClosed;

    public Task Ended => _connection.Ended;

    public Task<IReadOnlyList<byte[]>> AskAsync(string command, bool isList)
    {
        var pending = new PendingLines(isList, _options.MaxLines) { AskedAt = _options.TimeProvider.GetTimestamp() };
        lock (_connection.Gate)
        {
            _connection.RequireOpen();
            _connection.Output.Append(Encoding.UTF8.GetBytes(command + "\r\n"));
            _pending.Enqueue(pending);
        }

        _connection.Flush(inline: true);
        return pending.Answer;
    }

    public void Dispose()
    {
        _watch.Dispose();
        _connection.Close(new ObjectDisposedException(nameof(GearmanAdmin)));
    }

    void IConnectionSink.OnPacket(in IncomingPacket packet)
        => throw new GearmanProtocolException($"{packet.Type} where a text line must answer");

    void IConnectionSink.OnLine(ReadOnlySpan<byte> line)
    {
        PendingLines? pending;
        lock (_connection.Gate)
            _pending.TryPeek(out pending);
        if (pending is null)
            throw new GearmanProtocolException("a line that nobody asked for");
        if (!pending.OnLine(line))
            return;
        lock (_connection.Gate)
            _pending.Dequeue();
    }

    void IConnectionSink.OnClosed(Exception reason)
    {
        _watch.Dispose();
        var server = _connection.Server;
        Exception lost = reason is ObjectDisposedException
            ? reason
            : new ConnectionLostException(server, $"the connection to {server} was lost: {reason.Message}", reason);
        lock (_connection.Gate)
        {
            while (_pending.TryDequeue(out var pending))
                pending.OnFailure(lost);
        }
    }

    /// <summary>A long list may take its time as long as it comes.</summary>
    private void Watch()
    {
        PendingLines? oldest;
        lock (_connection.Gate)
            _pending.TryPeek(out oldest);
        if (oldest is null)
            return;
        if (_connection.SilenceSince(oldest.AskedAt) > _options.RequestTimeout)
            _connection.Close(new GearmanTimeoutException($"an answer of {_connection.Server}", _options.RequestTimeout));
    }
}
