namespace Flotilla.Cli.Commands.Jobs;

/// <summary>Takes a stream apart at its line feeds, byte for byte; the feeds, and returns before them, are left out.</summary>
internal sealed class LineReader(Stream input)
{
    /// <summary>The largest workload that servers take unless told otherwise.</summary>
    private const int MaxLineBytes = 64 * 1024 * 1024;

    private byte[] _buffer = new byte[16 * 1024];
    private int _start;
    private int _end;
    private bool _atEnd;

    /// <summary>The next line, or null at the end.</summary>
    /// <exception cref="CliException">A line is longer than a workload may be.</exception>
    public async ValueTask<byte[]?> ReadAsync(CancellationToken cancellationToken)
    {
        var searched = _start;
        while (true)
        {
            var feed = Array.IndexOf(_buffer, (byte)'\n', searched, _end - searched);
            if (feed >= 0)
                return Take(feed, feed + 1);
            if (_atEnd)
                return _end > _start ? Take(_end, _end) : null;
            searched = _end;
            if (_end == _buffer.Length)
                searched -= MakeRoom();
            var count = await input.ReadAsync(_buffer.AsMemory(_end), cancellationToken);
            _end += count;
            _atEnd = count == 0;
        }
    }

    private byte[] Take(int end, int next)
    {
        if (end > _start && _buffer[end - 1] == (byte)'\r')
            end--;
        var line = _buffer[_start..end];
        _start = next;
        return line;
    }

    /// <summary>Moves what is left to the front, or grows; returns by how much it moved.</summary>
    private int MakeRoom()
    {
        var moved = _start;
        if (_start == 0)
        {
            if (_buffer.Length > MaxLineBytes)
                throw new CliException(ExitCode.Failed, $"a line is longer than {MaxLineBytes} bytes", "Submit it with --file and without --lines.");
            Array.Resize(ref _buffer, _buffer.Length * 2);
            return 0;
        }

        Array.Copy(_buffer, _start, _buffer, 0, _end - _start);
        _end -= moved;
        _start = 0;
        return moved;
    }
}
