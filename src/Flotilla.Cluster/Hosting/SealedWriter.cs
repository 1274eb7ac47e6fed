namespace Flotilla.Cluster.Hosting;

/// <summary>Bytes into sealed records; a record that is not full waits for more, or for a flush. A flush of nothing is an empty record: a sign of life. Thread-safe.</summary>
internal sealed class SealedWriter(Stream output, SealedRecords records, TimeSpan within) : Stream
{
    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly byte[] _content = new byte[SealedRecords.ContentBytesMax];
    private readonly byte[] _record = new byte[SealedRecords.HeaderBytes + SealedRecords.ContentBytesMax + SealedRecords.TagBytes];
    private int _filled;
    private long _sent;

    /// <summary>Bytes that went out so far.</summary>
    public long Sent => Interlocked.Read(ref _sent);

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <exception cref="IOException">The other side does not take it, or not in time.</exception>
    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        await _writing.WaitAsync(cancellationToken);
        try
        {
            while (buffer.Length > 0)
            {
                var count = Math.Min(buffer.Length, _content.Length - _filled);
                buffer[..count].CopyTo(_content.AsMemory(_filled));
                _filled += count;
                buffer = buffer[count..];
                if (_filled == _content.Length)
                    await SendAsync(cancellationToken);
            }
        }
        finally
        {
            _writing.Release();
        }
    }

    /// <exception cref="IOException">The other side does not take it, or not in time.</exception>
    public override async Task FlushAsync(CancellationToken cancellationToken)
    {
        await _writing.WaitAsync(cancellationToken);
        try
        {
            await SendAsync(cancellationToken);
        }
        finally
        {
            _writing.Release();
        }
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush() => throw new NotSupportedException();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            records.Dispose();
            _writing.Dispose();
        }

        base.Dispose(disposing);
    }

    private async Task SendAsync(CancellationToken cancellationToken)
    {
        var length = records.Seal(_content.AsSpan(0, _filled), _record);
        Interlocked.Add(ref _sent, _filled);
        _filled = 0;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(within);
        try
        {
            await output.WriteAsync(_record.AsMemory(0, length), limit.Token);
        }
        catch (OperationCanceledException late) when (!cancellationToken.IsCancellationRequested)
        {
            throw new IOException($"the other side has taken nothing for {within.TotalSeconds:0} s", late);
        }
    }
}
