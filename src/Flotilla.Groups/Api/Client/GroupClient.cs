using System.Buffers;
using System.Collections.Immutable;
using System.Text;
using Flotilla.Groups.Core;

namespace Flotilla.Groups;

/// <summary>
/// A program that is no member: sends to groups, asks them and watches their views through a node. When that node is lost it goes on at another; messages
/// that were not confirmed are sent again and never doubled. All members may be called from any thread.
/// </summary>
public sealed class GroupClient : IAsyncDisposable
{
    private readonly GroupClientOptions _options;
    private readonly Lock _lock = new();
    private readonly UnconfirmedSends _sends = new();
    private readonly Dictionary<ulong, PendingCommand> _queries = [];
    private readonly Dictionary<string, Action<GroupView>> _watched = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _welcomed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ImmutableArray<string> _addresses;
    private ClientSession? _session;
    private bool _isWelcome;
    private ulong _lastQuery;
    private int _nextAddress;
    private Task _running = Task.CompletedTask;

    private GroupClient(GroupClientOptions options) => (_options, _addresses) = (options, options.Nodes);

    /// <summary>The node it works through; null while it looks for one.</summary>
    public string? Node { get; private set; }

    /// <summary>Finds a node, trying until cancelled.</summary>
    public static async Task<GroupClient> ConnectAsync(GroupClientOptions options, CancellationToken cancellation = default)
    {
        if (options.Nodes.IsDefaultOrEmpty)
            throw new ArgumentException("a client needs the address of a node", nameof(options));
        var client = new GroupClient(options);
        client._running = Task.Run(client.RunAsync, CancellationToken.None);
        try
        {
            await client._welcomed.Task.WaitAsync(cancellation).ConfigureAwait(false);
            return client;
        }
        catch
        {
            await client.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>
    /// Sends a message to a group and returns its position in the log (0 when it was delivered through an earlier node, nobody knows where). Throws
    /// <see cref="GroupException"/> when it is refused: it was not and will not be delivered.
    /// </summary>
    public async Task<ulong> SendAsync<T>(string group, T message, Delivery delivery = Delivery.Ordered, CancellationToken cancellation = default)
    {
        if (delivery == Delivery.Raw)
            throw new ArgumentException("a client's messages have a place in the order: not raw", nameof(delivery));
        var writer = new ArrayBufferWriter<byte>();
        _options.Messages.Write(message, writer);
        var send = new ClientSend(group, delivery, writer.WrittenSpan.ToArray());
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_stop.IsCancellationRequested, this);
            var number = _sends.Add(send);
            if (number != 0 && _isWelcome)
                Write(number, send);
        }

        return await send.Ended.WaitAsync(cancellation).ConfigureAwait(false);
    }

    /// <summary>Asks a group. Throws <see cref="GroupException"/>: refused, or indeterminate when the node was lost before all had answered.</summary>
    public async Task<QueryResult<TReply>> QueryAsync<TQuery, TReply>(
        string group, TQuery query, Replies replies, TimeSpan timeout, Delivery delivery = Delivery.Ordered, CancellationToken cancellation = default)
    {
        var catalog = _options.Messages;
        var type = catalog.Find<TReply>();
        var writer = new ArrayBufferWriter<byte>();
        catalog.Write(query, writer);
        var pending = new QueryCommand<TReply>(bytes => catalog.Read(bytes, out var version, out var body, out var problem) == type
            ? type.Read(body, version)
            : throw new InvalidDataException(problem ?? $"it is no {typeof(TReply)}"));
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_stop.IsCancellationRequested, this);
            if (_session is null || !_isWelcome)
                throw new GroupException(GroupError.Refused, "no node is connected: ask again later");
            _queries.Add(++_lastQuery, pending);
            _session.Write(new ClientFrame
            {
                Type = ClientFrameType.Query,
                Number = _lastQuery,
                Delivery = delivery,
                Replies = replies.Count,
                TimeoutMs = (ulong)Math.Max(1, timeout.TotalMilliseconds),
                Group = group,
                Payload = writer.WrittenSpan,
            });
        }

        return await pending.Ended.WaitAsync(cancellation).ConfigureAwait(false);
    }

    /// <summary>Tells of the group's views, now and when they change, one after another; again after a change of the node. Empty when nobody is in it.</summary>
    public void Watch(string group, Action<GroupView> handler)
    {
        lock (_lock)
        {
            _watched[group] = handler;
            if (_isWelcome)
                _session?.Write(new ClientFrame { Type = ClientFrameType.Subscribe, Group = group });
        }
    }

    public void Unwatch(string group)
    {
        lock (_lock)
        {
            if (_watched.Remove(group) && _isWelcome)
                _session?.Write(new ClientFrame { Type = ClientFrameType.Unsubscribe, Group = group });
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        lock (_lock)
            _session?.End();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        var over = new GroupException(GroupError.Stopped, "the client was disposed");
        lock (_lock)
        {
            _sends.FailAll(over);
            FailQueries(over);
        }

        _welcomed.TrySetCanceled();
    }

    private async Task RunAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            var address = NextAddress();
            var why = "it ended the connection";
            try
            {
                await using var session = await ClientSession.OpenAsync(address, _options, _stop.Token).ConfigureAwait(false);
                await RunAsync(session, address).ConfigureAwait(false);
            }
            catch (Exception failure) when (failure is not Primitives.InvariantViolationException)
            {
                why = failure.Message;
            }

            Leave(address, why);
            await Task.Delay(_options.RetryAfter, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private string NextAddress()
    {
        lock (_lock)
            return _addresses[_nextAddress++ % _addresses.Length];
    }

    private void Leave(string address, string why)
    {
        if (!_stop.IsCancellationRequested)
            Log.ClientMoves(_options.Logger, _options.Name, address, why);
        lock (_lock)
        {
            (_session, _isWelcome, Node) = (null, false, null);
            FailQueries(new GroupException(GroupError.Indeterminate, "the node was lost before all had answered"));
        }
    }

    private void FailQueries(GroupException why)
    {
        foreach (var query in _queries.Values)
            query.Fail(why);
        _queries.Clear();
    }

    private async Task RunAsync(ClientSession session, string address)
    {
        lock (_lock)
        {
            _session = session;
            Node = address;
            session.Write(new ClientFrame { Type = ClientFrameType.Hello, Client = _sends.Id });
        }

        while (await session.ReadAsync().ConfigureAwait(false) is { } bytes)
        {
            if (bytes.Span[0] < 0xE0 && !Take(bytes.Span))
                return;
        }
    }

    /// <summary>False when this connection is over.</summary>
    private bool Take(ReadOnlySpan<byte> bytes)
    {
        if (!ClientFrame.TryRead(bytes, out var frame))
            throw new InvalidDataException("the node sent a frame that makes no sense");
        switch (frame.Type)
        {
            case ClientFrameType.Welcome: return TakeWelcome(frame);
            case ClientFrameType.Redirect:
                Keep(frame.Addresses);
                return false;
            case ClientFrameType.Sent: return TakeSent(frame);
            case ClientFrameType.Answer or ClientFrameType.QueryEnd: TakeAnswer(frame); return true;
            case ClientFrameType.View: TakeView(frame); return true;
            case ClientFrameType.Refused: throw new InvalidDataException("the node refused: " + Encoding.UTF8.GetString(frame.Payload));
            default: throw new InvalidDataException($"the node sent a frame of type {frame.Type}");
        }
    }

    private void Keep(ImmutableArray<string> addresses)
    {
        lock (_lock)
        {
            _addresses = [.. _options.Nodes.Union(addresses, StringComparer.Ordinal)];
            // The one it was told to leave is tried last.
            _nextAddress = addresses.IsEmpty ? _nextAddress : Math.Max(0, _addresses.IndexOf(addresses[0]));
        }
    }

    private bool TakeWelcome(in ClientFrame frame)
    {
        lock (_lock)
        {
            _addresses = [.. _options.Nodes.Union(frame.Addresses, StringComparer.Ordinal)];
            if (_isWelcome)
                return true;
            _isWelcome = true;
            foreach (var group in _watched.Keys)
                _session!.Write(new ClientFrame { Type = ClientFrameType.Subscribe, Group = group });
            foreach (var (number, send) in _sends.ToSend())
                Write(number, send);
        }

        _welcomed.TrySetResult();
        return true;
    }

    private void Write(ulong number, ClientSend send)
    {
        send.Attempts++;
        _session!.Write(new ClientFrame { Type = ClientFrameType.Send, Number = number, Delivery = send.Delivery, Group = send.Group, Payload = send.Body });
    }

    private bool TakeSent(in ClientFrame frame)
    {
        lock (_lock)
        {
            if (frame.Result == CommandResult.Done)
                return !_sends.Confirm(frame.Number, frame.Sequence);
            // Indeterminate: this node was evicted; the message may have been taken, and is sent again through another.
            if (frame.Result == CommandResult.Indeterminate)
                return false;
            return !_sends.Refuse(frame.Number, Encoding.UTF8.GetString(frame.Payload), out var isAgain) && !isAgain;
        }
    }

    private void TakeAnswer(in ClientFrame frame)
    {
        PendingCommand? pending;
        lock (_lock)
        {
            if (!_queries.TryGetValue(frame.Number, out pending))
                return;
            if (frame.Type == ClientFrameType.QueryEnd)
                _queries.Remove(frame.Number);
        }

        var isReply = frame.Result == CommandResult.Partial;
        pending.OnOutcome(new CommandOutcome
        {
            Result = frame.Result,
            From = frame.Type == ClientFrameType.Answer ? frame.From : default,
            Body = isReply ? frame.Payload : default,
            Reason = isReply || frame.Payload.IsEmpty ? null : Encoding.UTF8.GetString(frame.Payload),
        });
    }

    private void TakeView(in ClientFrame frame)
    {
        Action<GroupView>? handler;
        lock (_lock)
        {
            if (!_watched.TryGetValue(frame.Group, out handler))
                return;
        }

        var view = new GroupView
        {
            Group = frame.Group,
            Epoch = frame.Epoch,
            Number = frame.Number,
            Sequence = frame.Sequence,
            Members = frame.Members,
            Joined = [],
            Left = [],
        };
        try
        {
            handler(view);
        }
        catch (Exception failure)
        {
            Log.HandlerFailed(_options.Logger, frame.Group, "a client's handler of views threw", failure);
        }
    }
}
