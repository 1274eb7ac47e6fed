using System.Buffers;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Flotilla.Primitives;

namespace Flotilla.MySql.Transport;

/// <summary>
/// Packets over bytes: <code>3 length | 1 sequence number | payload</code> A payload of 16,777,215 bytes goes on in the next packet, also
/// when that is empty. A packet that was read stays where it is until the next is asked for; nothing is allocated for it.
/// </summary>
internal sealed class PacketChannel(IByteTransport transport, int maxPacketBytes, CommandWatch watch)
{
    internal const int LargestPayloadBytes = 0xffffff;

    private const int HeaderBytes = 4;

    /// <summary>Some hundred small rows in one read; grows while a larger packet is taken in.</summary>
    private const int FirstBufferBytes = 32 * 1024;

    /// <summary>A buffer that grew beyond this is given up when it is empty.</summary>
    private const int KeepBufferBytes = 1024 * 1024;

    private readonly PacketBuffer _output = new();
    private byte[] _buffer = new byte[FirstBufferBytes];
    private int _start;
    private int _end;
    private byte[]? _joined;
    private int _payloadStart;
    private int _payloadLength;
    private byte _sequence;
    private byte _sequenceBefore;

    /// <summary>Replaced when TLS or compression begins.</summary>
    public IByteTransport Transport { get; private set; } = transport;

    /// <summary>Sequence numbers inside compressed packets run differently from server to server and are not looked at.</summary>
    public bool ChecksSequence { get; private set; } = true;

    /// <summary>The packet read last, up to the next read.</summary>
    public ReadOnlySpan<byte> Payload
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (_joined ?? _buffer).AsSpan(_payloadStart, _payloadLength);
    }

    /// <summary>The array that <see cref="Payload"/> lies in.</summary>
    public byte[] PayloadArray => _joined ?? _buffer;

    /// <summary>Where in it.</summary>
    public int PayloadStart => _payloadStart;

    /// <summary>As <see cref="Payload"/>.</summary>
    public ReadOnlyMemory<byte> PayloadMemory => (_joined ?? _buffer).AsMemory(_payloadStart, _payloadLength);

    /// <summary>Bytes that came before encryption began would pass for encrypted ones, though anybody could have sent them.</summary>
    public void RequireNothingUnread()
    {
        if (_end != _start)
            throw new MySqlProtocolException($"the server sent {_end - _start} bytes before encryption or compression began");
    }

    /// <summary>Goes on over another transport.</summary>
    public void Upgrade(IByteTransport transport, bool isCompressed)
    {
        RequireNothingUnread();
        Transport = transport;
        ChecksSequence = !isCompressed;
    }

    /// <summary>Starts a packet; write its payload, then send it.</summary>
    public IBufferWriter<byte> Begin()
    {
        _output.Reset();
        return _output;
    }

    /// <summary>Starts a command, whose packets are numbered from 0.</summary>
    public IBufferWriter<byte> BeginCommand()
    {
        _sequence = 0;
        Transport.BeginCommand();
        return Begin();
    }

    /// <summary>Sends the packet that was begun.</summary>
    public ValueTask SendAsync()
    {
        var all = _output.HeaderAndPayload;
        if (all.Length - HeaderBytes >= LargestPayloadBytes)
            return SendSplitAsync(all);
        WriteHeader(all.Span, all.Length - HeaderBytes);
        ValueTask write;
        try
        {
            write = Transport.WriteAsync(all);
        }
        catch (Exception e) when (IsLoss(e))
        {
            throw Lost(e);
        }

        return write.IsCompletedSuccessfully ? default : WriteSlowAsync(write);
    }

    /// <summary>Starts a packet numbered 0 in the middle of what the server sends.</summary>
    public IBufferWriter<byte> BeginReply()
    {
        _sequenceBefore = _sequence;
        _sequence = 0;
        return Begin();
    }

    /// <summary>Sends it; the server's numbers go on as they were.</summary>
    public ValueTask SendReplyAsync()
    {
        var sending = SendAsync();
        _sequence = _sequenceBefore;
        return sending;
    }

    /// <summary>Sends a packet with its header that gets no answer, before the one that was begun.</summary>
    public async ValueTask SendAsideAsync(ReadOnlyMemory<byte> packet)
    {
        try
        {
            Transport.BeginCommand();
            await Transport.WriteAsync(packet);
            Transport.BeginCommand();
        }
        catch (Exception e) when (IsLoss(e))
        {
            throw Lost(e);
        }
    }

    /// <summary>Takes the next packet if all of it is here.</summary>
    public bool TryRead()
    {
        _joined = null;
        var available = _end - _start;
        if (available < HeaderBytes)
            return false;
        var header = _buffer.AsSpan(_start, HeaderBytes);
        var length = header[0] | header[1] << 8 | header[2] << 16;
        if (available - HeaderBytes < length || length == LargestPayloadBytes)
            return false;
        TakeHeader(length);
        _payloadStart = _start;
        _payloadLength = length;
        _start += length;
        return true;
    }

    /// <summary>Waits for the next packet, then <see cref="Payload"/> is it.</summary>
    public ValueTask ReadAsync() => TryRead() ? default : ReadSlowAsync();

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask ReadSlowAsync()
    {
        await FillAsync(HeaderBytes);
        var length = PeekLength();
        if (length == LargestPayloadBytes)
        {
            await ReadSplitAsync();
            return;
        }

        RequireAllowed(length);
        await FillAsync(HeaderBytes + length);
        Invariant.Require(TryRead());
    }

    private async ValueTask ReadSplitAsync()
    {
        var joined = new ArrayBufferWriter<byte>(FirstBufferBytes);
        int length;
        do
        {
            await FillAsync(HeaderBytes);
            length = PeekLength();
            RequireAllowed((long)joined.WrittenCount + length);
            TakeHeader(length);
            for (var left = length; left > 0;)
            {
                await FillAsync(1);
                var piece = Math.Min(left, _end - _start);
                joined.Write(_buffer.AsSpan(_start, piece));
                _start += piece;
                left -= piece;
            }
        }
        while (length == LargestPayloadBytes);

        // The writer's array holds exactly what was written from its start.
        _joined = System.Runtime.InteropServices.MemoryMarshal.TryGetArray(joined.WrittenMemory, out var array) ? array.Array : joined.WrittenMemory.ToArray();
        _payloadStart = 0;
        _payloadLength = joined.WrittenCount;
    }

    private int PeekLength() => _buffer[_start] | _buffer[_start + 1] << 8 | _buffer[_start + 2] << 16;

    private void TakeHeader(int length)
    {
        var sequence = _buffer[_start + 3];
        // Errors that nobody asked for (shutdown, killed) come with a number of their own.
        var mayDiffer = !ChecksSequence || (length > 0 && _end - _start > HeaderBytes && _buffer[_start + HeaderBytes] == 0xff);
        if (sequence != _sequence && !mayDiffer)
            throw new MySqlProtocolException($"the server sent packet number {sequence} where {_sequence} was next: the two sides disagree about what was said");
        _sequence = (byte)(sequence + 1);
        _start += HeaderBytes;
    }

    private void RequireAllowed(long length)
    {
        if (length > maxPacketBytes)
            throw new MySqlProtocolException($"the server sent a packet of at least {length} bytes; MaxPacketBytes allows {maxPacketBytes}");
    }

    /// <summary>Reads until so many bytes are here. Grows by what came, not by what was promised.</summary>
    private async ValueTask FillAsync(int wanted)
    {
        while (_end - _start < wanted)
        {
            MakeRoom(wanted);
            int read;
            var reading = Start(_buffer.AsMemory(_end));
            if (reading.IsCompletedSuccessfully)
                read = reading.Result;
            else
                read = await AwaitAsync(reading);
            if (read == 0)
                throw Lost(null);
            _end += read;
        }
    }

    private ValueTask<int> Start(Memory<byte> target)
    {
        try
        {
            return Transport.ReadAsync(target);
        }
        catch (Exception e) when (IsLoss(e))
        {
            throw Lost(e);
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<int> AwaitAsync(ValueTask<int> reading)
    {
        watch.WaitBegins();
        try
        {
            return await reading;
        }
        catch (Exception e) when (IsLoss(e))
        {
            throw Lost(e);
        }
        finally
        {
            watch.WaitEnds();
        }
    }

    private void MakeRoom(int wanted)
    {
        var length = _end - _start;
        if (length == 0)
        {
            _start = _end = 0;
            if (_buffer.Length > KeepBufferBytes)
                _buffer = new byte[FirstBufferBytes];
        }
        else if (_start > 0 && (_start + wanted > _buffer.Length || _end == _buffer.Length))
        {
            Buffer.BlockCopy(_buffer, _start, _buffer, 0, length);
            _start = 0;
            _end = length;
        }

        if (_end == _buffer.Length)
            Array.Resize(ref _buffer, (int)Math.Min((long)_buffer.Length * 2, Array.MaxLength));
    }

    private async ValueTask SendSplitAsync(Memory<byte> all)
    {
        // Each piece's header takes the place of the four bytes before it, which are sent by then.
        var left = all.Length - HeaderBytes;
        var at = 0;
        int length;
        do
        {
            length = Math.Min(left, LargestPayloadBytes);
            WriteHeader(all.Span[at..], length);
            await WriteSlowAsync(Transport.WriteAsync(all.Slice(at, HeaderBytes + length)));
            at += length;
            left -= length;
        }
        while (length == LargestPayloadBytes);
    }

    private void WriteHeader(Span<byte> target, int length)
    {
        target[0] = (byte)length;
        target[1] = (byte)(length >> 8);
        target[2] = (byte)(length >> 16);
        target[3] = _sequence++;
    }

    private async ValueTask WriteSlowAsync(ValueTask write)
    {
        watch.WaitBegins();
        try
        {
            await write;
        }
        catch (Exception e) when (IsLoss(e))
        {
            throw Lost(e);
        }
        finally
        {
            watch.WaitEnds();
        }
    }

    private static bool IsLoss(Exception e) => e is IOException or SocketException or ObjectDisposedException or InvalidDataException;

    private static MySqlConnectionLostException Lost(Exception? e)
        => new(e is null ? "the server closed the connection" : $"the connection to the server was lost: {e.Message}", e);
}
