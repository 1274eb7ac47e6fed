using System.Buffers.Binary;
using System.Threading.Channels;
using Flotilla.Groups.Core;

namespace Flotilla.Groups;

/// <summary>Gives a group's state, as it comes. Throws <see cref="OperationCanceledException"/> when the transfer begins anew: return, and forget what was read.</summary>
public sealed class CheckpointReader
{
    private readonly Channel<byte[]> _pieces = Channel.CreateUnbounded<byte[]>(new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });
    private readonly NodeDispatcher _dispatcher;
    private readonly MessageCatalog _catalog;
    private byte[] _current = [];
    private int _at;
    private bool _hasPiece;

    internal CheckpointReader(NodeDispatcher dispatcher, MessageCatalog catalog, ulong correlation)
        => (_dispatcher, _catalog, Correlation) = (dispatcher, catalog, correlation);

    internal ulong Correlation { get; }

    /// <summary>Fills the buffer, less only at the end; 0 when there is no more.</summary>
    public async ValueTask<int> ReadAsync(Memory<byte> buffer)
    {
        var count = 0;
        while (count < buffer.Length && await HasMoreAsync().ConfigureAwait(false))
        {
            var part = Math.Min(buffer.Length - count, _current.Length - _at);
            _current.AsMemory(_at, part).CopyTo(buffer[count..]);
            _at += part;
            count += part;
        }

        return count;
    }

    /// <summary>Whether there is more.</summary>
    public async ValueTask<bool> HasMoreAsync()
    {
        while (_at == _current.Length)
        {
            if (!await _pieces.Reader.WaitToReadAsync().ConfigureAwait(false) || !_pieces.Reader.TryRead(out var next))
                return false;
            if (_hasPiece)
                SayTaken();
            (_current, _at, _hasPiece) = (next, 0, true);
        }

        return true;
    }

    /// <summary>The next value that was written with <see cref="CheckpointWriter.WriteAsync{T}"/>; ask <see cref="HasMoreAsync"/> first.</summary>
    public async ValueTask<T> ReadAsync<T>()
    {
        var length = new byte[sizeof(int)];
        if (await ReadAsync(length).ConfigureAwait(false) < length.Length)
            throw new InvalidDataException("the checkpoint ends where a value was expected");
        var bytes = new byte[BinaryPrimitives.ReadInt32LittleEndian(length)];
        if (await ReadAsync(bytes).ConfigureAwait(false) < bytes.Length)
            throw new InvalidDataException("the checkpoint ends within a value");
        var type = _catalog.Read(bytes, out var version, out var body, out var problem);
        return type is TypedMessageType<T> typed ? typed.Read(body, version) : throw new InvalidDataException(problem ?? $"the value is no {typeof(T)}");
    }

    internal void Add(ReadOnlySpan<byte> piece) => _pieces.Writer.TryWrite(piece.ToArray());

    /// <summary>A piece was taken: each when the next is wanted, the last when the program has the whole state.</summary>
    internal void SayTaken() => _dispatcher.Do(new CheckpointTaken(Correlation));

    internal void End() => _pieces.Writer.TryComplete();

    internal void Abort() => _pieces.Writer.TryComplete(new OperationCanceledException("the transfer of the state begins anew"));

    /// <summary>Says that what the program did not read was taken all the same.</summary>
    internal async Task SkipRestAsync()
    {
        _at = _current.Length;
        while (await HasMoreAsync().ConfigureAwait(false))
            _at = _current.Length;
    }
}
