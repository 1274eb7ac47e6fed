using System.Buffers;
using System.Buffers.Binary;
using Flotilla.Groups.Core;

namespace Flotilla.Groups;

/// <summary>Takes a group's state, piece by piece. Awaiting a write waits until it has a place on its way, so a state may be larger than the memory.</summary>
public sealed class CheckpointWriter
{
    private readonly NodeDispatcher _dispatcher;
    private readonly MessageCatalog _catalog;
    private readonly ulong _correlation;
    private readonly ArrayBufferWriter<byte> _item = new();
    private byte[] _buffer = new byte[CheckpointPiece.MaxBytes];
    private int _length;

    internal CheckpointWriter(NodeDispatcher dispatcher, MessageCatalog catalog, ulong correlation)
        => (_dispatcher, _catalog, _correlation) = (dispatcher, catalog, correlation);

    /// <summary>Appends bytes; they are read as one stream.</summary>
    public async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            var count = Math.Min(bytes.Length, _buffer.Length - _length);
            bytes[..count].CopyTo(_buffer.AsMemory(_length));
            _length += count;
            bytes = bytes[count..];
            if (_length == _buffer.Length)
                await SendAsync(isLast: false).ConfigureAwait(false);
        }
    }

    /// <summary>Appends a value of a type the program's messages know; read it with <see cref="CheckpointReader.ReadAsync{T}"/>.</summary>
    public async ValueTask WriteAsync<T>(T value)
    {
        _item.ResetWrittenCount();
        _item.Advance(sizeof(int) + Clear(_item.GetSpan(sizeof(int))));
        _catalog.Write(value, _item);
        var bytes = _item.WrittenSpan.ToArray();
        BinaryPrimitives.WriteInt32LittleEndian(bytes, bytes.Length - sizeof(int));
        await WriteAsync((ReadOnlyMemory<byte>)bytes).ConfigureAwait(false);
    }

    private static int Clear(Span<byte> span)
    {
        span[..sizeof(int)].Clear();
        return 0;
    }

    internal Task EndAsync() => SendAsync(isLast: true);

    private async Task SendAsync(bool isLast)
    {
        var pending = new SimpleCommand();
        _dispatcher.Do(new CheckpointPiece(_correlation, _buffer.AsMemory(0, _length), isLast), pending);
        await pending.Ended.ConfigureAwait(false);
        (_buffer, _length) = (new byte[CheckpointPiece.MaxBytes], 0);
    }
}
