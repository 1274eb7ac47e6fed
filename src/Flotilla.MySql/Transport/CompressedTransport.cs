using System.IO.Compression;

namespace Flotilla.MySql.Transport;

/// <summary>
/// zlib compression below packets: <code>3 length as sent | 1 sequence number | 3 length before compression, 0 if not compressed | bytes</code>
/// Packets and compressed packets end where they will, independently.
/// </summary>
internal sealed class CompressedTransport(IByteTransport inner) : IByteTransport
{
    private const int HeaderBytes = 7;
    private const int LargestBytes = 0xffffff;

    /// <summary>Below this, compressing costs more than it saves; servers use the same.</summary>
    private const int MinimumBytes = 50;

    /// <summary>How much is compressed at once.</summary>
    private const int PieceBytes = 1024 * 1024;

    private readonly MemoryStream _output = new();
    private byte[] _input = new byte[16 * 1024];
    private int _inputStart;
    private int _inputEnd;
    private byte[] _plain = [];
    private int _plainStart;
    private int _plainEnd;
    private byte _sequence;

    public void BeginCommand() => _sequence = 0;

    public void Abort() => inner.Abort();

    public async ValueTask<int> ReadAsync(Memory<byte> target)
    {
        while (_plainStart == _plainEnd)
        {
            if (!await FillAsync(HeaderBytes))
                return 0;
            var length = UInt24(_inputStart);
            var plainLength = UInt24(_inputStart + 4);
            _sequence = (byte)(_input[_inputStart + 3] + 1);
            _inputStart += HeaderBytes;
            if (!await FillAsync(length))
                return 0;
            Take(length, plainLength);
        }

        var count = Math.Min(target.Length, _plainEnd - _plainStart);
        _plain.AsSpan(_plainStart, count).CopyTo(target.Span);
        _plainStart += count;
        return count;
    }

    public async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        for (var at = 0; at < bytes.Length;)
        {
            var piece = bytes.Slice(at, Math.Min(PieceBytes, bytes.Length - at));
            at += piece.Length;
            Compress(piece.Span);
            await inner.WriteAsync(_output.GetBuffer().AsMemory(0, (int)_output.Length));
        }
    }

    private void Compress(ReadOnlySpan<byte> piece)
    {
        _output.SetLength(HeaderBytes);
        _output.Position = HeaderBytes;
        var plainLength = piece.Length < MinimumBytes ? 0 : piece.Length;
        if (plainLength > 0)
        {
            using var zlib = new ZLibStream(_output, CompressionLevel.Fastest, leaveOpen: true);
            zlib.Write(piece);
        }

        if (plainLength == 0 || _output.Length - HeaderBytes >= piece.Length)
        {
            plainLength = 0;
            _output.SetLength(HeaderBytes);
            _output.Position = HeaderBytes;
            _output.Write(piece);
        }

        var header = _output.GetBuffer().AsSpan();
        Write24(header, (int)_output.Length - HeaderBytes);
        header[3] = _sequence++;
        Write24(header[4..], plainLength);
    }

    private void Take(int length, int plainLength)
    {
        _plainStart = 0;
        _plainEnd = plainLength == 0 ? length : plainLength;
        if (plainLength == 0)
        {
            Reserve(length);
            _input.AsSpan(_inputStart, length).CopyTo(_plain);
        }
        else
        {
            Inflate(length, plainLength);
        }

        _inputStart += length;
    }

    private void Inflate(int length, int plainLength)
    {
        using var zlib = new ZLibStream(new MemoryStream(_input, _inputStart, length), CompressionMode.Decompress);
        var done = 0;
        try
        {
            while (done < plainLength)
            {
                // By what comes out, not by what was promised.
                Reserve(Math.Min(plainLength, Math.Max(2 * done, 64 * 1024)));
                var read = zlib.Read(_plain.AsSpan(done, Math.Min(plainLength, _plain.Length) - done));
                if (read == 0)
                    throw new MySqlProtocolException($"the server sent a compressed packet of {done} bytes that promised {plainLength}");
                done += read;
            }
        }
        catch (InvalidDataException e)
        {
            throw new MySqlProtocolException($"the server sent a compressed packet of {length} bytes that is no zlib stream: {e.Message}");
        }
    }

    private void Reserve(int size)
    {
        if (_plain.Length < size)
            Array.Resize(ref _plain, Math.Max(size, Math.Min(2 * _plain.Length, LargestBytes)));
    }

    private async ValueTask<bool> FillAsync(int wanted)
    {
        while (_inputEnd - _inputStart < wanted)
        {
            if (_inputStart > 0)
            {
                _input.AsSpan(_inputStart, _inputEnd - _inputStart).CopyTo(_input);
                _inputEnd -= _inputStart;
                _inputStart = 0;
            }

            if (_inputEnd == _input.Length)
                Array.Resize(ref _input, _input.Length * 2);
            var read = await inner.ReadAsync(_input.AsMemory(_inputEnd));
            if (read == 0)
                return false;
            _inputEnd += read;
        }

        return true;
    }

    private int UInt24(int at) => _input[at] | _input[at + 1] << 8 | _input[at + 2] << 16;

    private static void Write24(Span<byte> target, int value)
    {
        target[0] = (byte)value;
        target[1] = (byte)(value >> 8);
        target[2] = (byte)(value >> 16);
    }
}
