using Flotilla.Gearman.Protocol;
using Flotilla.Primitives;

namespace Flotilla.Gearman.Connections;

/// <summary>
/// One connection to one job server: a receive loop that hands whole messages to a sink, and an output queue that any thread fills.
/// Writers take <see cref="Gate"/>, write to <see cref="Output"/>, leave, and call <see cref="Flush"/>; what gathers while a send is under
/// way leaves with the next one.
/// </summary>
internal sealed class GearmanConnection(
    Transport transport, GearmanAddress server, GearmanOptions options, int maxLineBytes, IConnectionSink sink) : IThreadPoolWorkItem
{
    private ByteQueue _filling = new();
    private ByteQueue _sending = new();
    private bool _flushing;
    private bool _corked;
    private Exception? _reason;
    private TaskCompletionSource? _room;
    private Task _receiving = Task.CompletedTask;
    private long _lastReceived;
    private long _lastSent;

    /// <summary>Guards <see cref="Output"/> and whatever must keep the order of requests.</summary>
    public Lock Gate { get; } = new();

    /// <summary>Where packets are written; only under <see cref="Gate"/>.</summary>
    public ByteQueue Output => _filling;

    public GearmanAddress Server { get; } = server;

    public GearmanOptions Options { get; } = options;

    public bool IsClosed => Volatile.Read(ref _reason) is not null;

    /// <summary>Why the connection ended; null while it lives.</summary>
    public Exception? Reason => Volatile.Read(ref _reason);

    /// <summary>Time stamp of the last receive.</summary>
    public long LastReceived => Volatile.Read(ref _lastReceived);

    /// <summary>
    /// How long an answer is missing to a question asked at <paramref name="askedAt"/>. While bytes leave or come there is no silence: the
    /// question may wait behind a large payload, the answer behind a large result.
    /// </summary>
    public TimeSpan SilenceSince(long askedAt)
        => Options.TimeProvider.GetElapsedTime(Math.Max(askedAt, Math.Max(LastReceived, Volatile.Read(ref _lastSent))));

    /// <summary>Ends when the receive loop has ended and the sink knows.</summary>
    public Task Ended => _receiving;

    public void Start()
    {
        _lastReceived = Options.TimeProvider.GetTimestamp();
        _receiving = Task.Run(ReceiveLoopAsync);
    }

    /// <summary>Throws when the connection has ended; under <see cref="Gate"/>, before writing.</summary>
    public void RequireOpen()
    {
        if (_reason is { } reason)
            throw new ConnectionLostException(Server, $"the connection to {Server} has ended: {reason.Message}", reason);
    }

    /// <summary>Sends what was written.</summary>
    /// <param name="inline">
    /// On this thread: the shortest way for a lone request. Otherwise on the thread pool, where requests that come meanwhile join in.
    /// </param>
    public void Flush(bool inline)
    {
        lock (Gate)
        {
            if (_flushing || _corked || _filling.IsEmpty || _reason is not null)
                return;
            _flushing = true;
        }

        if (inline)
            _ = FlushAsync(once: true);
        else
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    void IThreadPoolWorkItem.Execute() => _ = FlushAsync(once: false);

    /// <summary>Waits while more bytes wait to be sent than the options allow.</summary>
    public ValueTask WaitForRoomAsync(CancellationToken cancellationToken)
    {
        lock (Gate)
        {
            if (_filling.LengthBytes <= Options.MaxOutputBytes || _reason is not null)
                return ValueTask.CompletedTask;
            _room ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return new ValueTask(_room.Task.WaitAsync(cancellationToken));
        }
    }

    /// <summary>Ends the connection; the sink is told by the receive loop. Later calls do nothing.</summary>
    public void Close(Exception reason)
    {
        lock (Gate)
        {
            if (_reason is not null)
                return;
            _reason = reason;
            _room?.TrySetResult();
            _room = null;
        }

        transport.Dispose();
    }

    /// <summary>Sends until nothing is left.</summary>
    /// <param name="once">After one send the rest is left to the thread pool, so that the caller does not send for everybody.</param>
    private async Task FlushAsync(bool once)
    {
        try
        {
            while (TakeOutput())
            {
                while (!_sending.IsEmpty)
                {
                    await transport.SendPartAsync(_sending);
                    Volatile.Write(ref _lastSent, Options.TimeProvider.GetTimestamp());
                }

                if (!once || !HasMore())
                    continue;
                ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
                return;
            }
        }
        catch (Exception failure)
        {
            Close(failure);
        }
    }

    private bool HasMore()
    {
        lock (Gate)
            return !_filling.IsEmpty;
    }

    /// <summary>Swaps the queues; false ends the flush.</summary>
    private bool TakeOutput()
    {
        lock (Gate)
        {
            _room?.TrySetResult();
            _room = null;
            if (_filling.IsEmpty || _reason is not null)
            {
                _flushing = false;
                return false;
            }

            (_filling, _sending) = (_sending, _filling);
            return true;
        }
    }

    private async Task ReceiveLoopAsync()
    {
        using var buffer = new ReceiveBuffer(Options.MaxPacketBytes, maxLineBytes);
        try
        {
            while (true)
            {
                var received = await transport.ReceiveAsync(buffer.Room());
                if (received == 0)
                    throw new EndOfStreamException("the server closed the connection");
                Volatile.Write(ref _lastReceived, Options.TimeProvider.GetTimestamp());
                buffer.Received(received);
                Deliver(buffer);
            }
        }
        catch (Exception failure)
        {
            Close(failure);
            sink.OnClosed(Reason!);
        }
    }

    /// <summary>Hands over all whole messages; the answers to them leave together.</summary>
    private void Deliver(ReceiveBuffer buffer)
    {
        lock (Gate)
            _corked = true;
        try
        {
            while (buffer.TryTake(out var packet, out var line))
            {
                if (packet.Type == PacketType.None)
                    sink.OnLine(line);
                else
                    sink.OnPacket(packet);
            }
        }
        finally
        {
            lock (Gate)
                _corked = false;
        }

        Flush(inline: true);
    }
}
