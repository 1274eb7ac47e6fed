namespace Flotilla.Cluster.Servers;

/// <summary>The bytes of a backup out of their pieces; ends only where the sender said that it is whole.</summary>
internal sealed class BackupReader(Stream input) : Stream
{
    private int _left;
    private bool _isWhole;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_isWhole)
            return 0;
        if (_left == 0)
        {
            _left = await BackupFrames.ReadLengthAsync(input, cancellationToken);
            _isWhole = _left == 0;
            if (_isWhole)
                return 0;
        }

        var count = await input.ReadAsync(buffer[..Math.Min(buffer.Length, _left)], cancellationToken);
        if (count == 0)
            throw new EndOfStreamException("the backup was cut");
        _left -= count;
        return count;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush()
    {
    }

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
