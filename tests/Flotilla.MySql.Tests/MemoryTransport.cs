using Flotilla.MySql.Transport;

namespace Flotilla.MySql.Tests;

/// <summary>Gives bytes from memory, at most a few at a time if told so, and keeps what is written.</summary>
internal sealed class MemoryTransport(byte[] input, int pieceBytes = int.MaxValue) : IByteTransport
{
    private readonly MemoryStream _written = new();
    private int _at;

    public byte[] Written => _written.ToArray();

    public ValueTask<int> ReadAsync(Memory<byte> target)
    {
        var count = Math.Min(Math.Min(target.Length, input.Length - _at), pieceBytes);
        input.AsMemory(_at, count).CopyTo(target);
        _at += count;
        return new ValueTask<int>(count);
    }

    public ValueTask WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        _written.Write(bytes.Span);
        return default;
    }

    public void BeginCommand()
    {
    }

    public void Abort()
    {
    }
}
