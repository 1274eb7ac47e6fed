using System.Buffers;
using System.Net;
using System.Net.Security;
using Flotilla.Primitives;

namespace Flotilla.Sockets;

/// <summary>
/// A connection over any stream, TLS above all. Two asynchronous pumps do the waiting; all decisions stay on the loop's thread, where the
/// pumps report. While nothing comes, no buffer is held.
/// </summary>
internal sealed class StreamConnection : SocketConnection
{
    private const int ChunkSizeBytes = 16 * 1024;

    private readonly Stream _stream;
    private readonly ByteQueue _sending = new();
    private readonly SemaphoreSlim _next = new(0);
    private readonly LoopCommand _reportReceived;
    private readonly LoopCommand _reportSent;
    private readonly LoopCommand _deliver;
    private byte[]? _chunk;
    private int _chunkAt;
    private int _chunkEnd;
    private string? _readError;
    private string? _sendError;
    private bool _isSending;
    private bool _isPumpWaiting;
    private bool _isReleased;
    private long _sendingBytes;

    public StreamConnection(SocketLoop loop, Stream stream, EndPoint? remote, int descriptor)
        : base(loop, remote)
    {
        _stream = stream;
        Descriptor = descriptor;
        _reportReceived = new LoopCommand(OnReceived);
        _reportSent = new LoopCommand(OnSent);
        _deliver = new LoopCommand(Deliver);
    }

    public override int Descriptor { get; }

    public override long WaitingBytes => Output.LengthBytes + Interlocked.Read(ref _sendingBytes);

    public void StartReading() => _ = ReadAsync();

    internal override void SendWaiting()
    {
        if (_isSending)
            return;
        if (!Output.IsEmpty)
        {
            Output.MoveTo(_sending);
            Interlocked.Exchange(ref _sendingBytes, _sending.LengthBytes);
            _isSending = true;
            _ = SendAsync();
        }
        else if (Phase == ConnectionPhase.Closing)
        {
            _isSending = true;
            _ = SayGoodbyeAsync();
            Linger();
            ContinuePump();
        }
    }

    internal override void ResumeReading()
    {
        // The chunk is lent to the handler while a batch is under way; its end resumes reading anyway.
        if (!_isPumpWaiting || IsInBatch)
            return;
        if (_chunkAt == _chunkEnd)
            ContinuePump();
        else
            Loop.Post(_deliver);
    }

    internal override void SettleInput()
    {
        base.SettleInput();
        if (MayRead())
            ResumeReading();
    }

    internal override void Release()
    {
        if (_isReleased)
            return;
        _isReleased = true;
        Loop.Unregister(this);
        // The pumps end with an error of the stream, or with the semaphore.
        _stream.Dispose();
        _next.Release();
    }

    /// <summary>On the loop: the pump has read something, or came to the end.</summary>
    private void OnReceived()
    {
        if (Phase == ConnectionPhase.Lingering && _chunkEnd > 0)
        {
            ContinuePump();
            return;
        }

        if (_chunkEnd > 0)
        {
            _isPumpWaiting = true;
            Deliver();
            return;
        }

        InputEnded = true;
        if (Phase == ConnectionPhase.Lingering)
        {
            Phase = ConnectionPhase.Closed;
            Release();
        }
        else if (_readError is not null)
        {
            Fail(SocketCloseReason.Broken, _readError);
        }
        else if (Phase == ConnectionPhase.Open)
        {
            Loop.AddEvent(new SocketEvent(SocketEventKind.EndOfInput, this));
        }
    }

    /// <summary>Moves what the pump read to the connection's input; the pump reads on when nothing of it is left after the batch.</summary>
    private void Deliver()
    {
        if (!_isPumpWaiting || _chunkAt == _chunkEnd || IsInBatch || !MayRead())
            return;
        if (!OwnsInput)
        {
            Receive(_chunk!, _chunkAt, _chunkEnd - _chunkAt);
            _chunkAt = _chunkEnd;
            return;
        }

        var space = OwnSpace().Span;
        if (space.IsEmpty)
            return;
        var count = Math.Min(space.Length, _chunkEnd - _chunkAt);
        _chunk.AsSpan(_chunkAt, count).CopyTo(space);
        _chunkAt += count;
        ReceiveOwn(count);
    }

    private void ContinuePump()
    {
        _isPumpWaiting = false;
        _chunkAt = 0;
        _chunkEnd = 0;
        _next.Release();
    }

    private async Task ReadAsync()
    {
        try
        {
            while (!_isReleased)
            {
                Invariant.Require(await _stream.ReadAsync(Memory<byte>.Empty) == 0);
                _chunk = ArrayPool<byte>.Shared.Rent(ChunkSizeBytes);
                _chunkAt = 0;
                var count = await _stream.ReadAsync(_chunk);
                _chunkEnd = count;
                Loop.Post(_reportReceived);
                if (count == 0)
                    return;
                await _next.WaitAsync();
                ArrayPool<byte>.Shared.Return(_chunk);
                _chunk = null;
            }
        }
        catch (Exception e)
        {
            // The stream's errors are many; all of them mean that this connection ends.
            _readError = e.InnerException?.Message ?? e.Message;
            _chunkEnd = 0;
            Loop.Post(_reportReceived);
        }
    }

    private async Task SendAsync()
    {
        try
        {
            while (!_sending.IsEmpty)
            {
                var piece = _sending.HeadMemory;
                await _stream.WriteAsync(piece);
                _sending.Consume(piece.Length);
                BytesSent += piece.Length;
                Loop.CountSentElsewhere(piece.Length);
                Interlocked.Add(ref _sendingBytes, -piece.Length);
            }

            await _stream.FlushAsync();
        }
        catch (Exception e)
        {
            // As for reading.
            _sendError = e.InnerException?.Message ?? e.Message;
        }

        Loop.Post(_reportSent);
    }

    private async Task SayGoodbyeAsync()
    {
        try
        {
            if (_stream is SslStream tls)
                await tls.ShutdownAsync();
            else if (_stream is System.Net.Sockets.NetworkStream network)
                network.Socket.Shutdown(System.Net.Sockets.SocketShutdown.Send);
            else
                await _stream.DisposeAsync();
        }
        catch (Exception e)
        {
            // Nobody is left to tell: the deadline of the close ends the connection.
            _sendError = e.Message;
        }
    }

    private void OnSent()
    {
        _isSending = false;
        if (_sendError is not null)
        {
            _sending.Clear();
            Interlocked.Exchange(ref _sendingBytes, 0);
            Fail(SocketCloseReason.Broken, _sendError);
        }
        else
        {
            Loop.Touch(this);
        }
    }
}
