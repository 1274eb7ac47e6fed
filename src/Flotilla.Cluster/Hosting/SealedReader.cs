namespace Flotilla.Cluster.Hosting;

/// <summary>The bytes of sealed records. Ends with an error where the connection does: what is whole says so itself.</summary>
internal sealed class SealedReader(Stream input, SealedRecords records, TimeSpan within) : Stream
{
    private readonly byte[] _record = new byte[SealedRecords.HeaderBytes + SealedRecords.ContentBytesMax + SealedRecords.TagBytes];
    private readonly byte[] _content = new byte[SealedRecords.ContentBytesMax];
    private int _start;
    private int _end;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Takes the next record, which may be empty; what was not read of the one before is passed over.</summary>
    /// <exception cref="IOException">There is none, or not in time, or it is not the other side's.</exception>
    public async Task NextAsync(CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(within);
        try
        {
            await input.ReadExactlyAsync(_record.AsMemory(0, SealedRecords.HeaderBytes), limit.Token);
            var length = SealedRecords.ContentLength(_record);
            var rest = length + SealedRecords.TagBytes;
            await input.ReadExactlyAsync(_record.AsMemory(SealedRecords.HeaderBytes, rest), limit.Token);
            records.Open(_record.AsSpan(0, SealedRecords.HeaderBytes + rest), _content.AsSpan(0, length));
            (_start, _end) = (0, length);
        }
        catch (OperationCanceledException late) when (!cancellationToken.IsCancellationRequested)
        {
            throw new IOException($"the other side has said nothing for {within.TotalSeconds:0} s", late);
        }
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (buffer.IsEmpty)
            return 0;
        while (_start == _end)
            await NextAsync(cancellationToken);
        var count = Math.Min(buffer.Length, _end - _start);
        _content.AsMemory(_start, count).CopyTo(buffer);
        _start += count;
        return count;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            records.Dispose();
        base.Dispose(disposing);
    }
}
