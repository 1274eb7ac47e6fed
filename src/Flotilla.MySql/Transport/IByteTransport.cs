namespace Flotilla.MySql.Transport;

/// <summary>Bytes to and from a server. One reader and one writer at a time; ended from any thread by <see cref="Abort"/>.</summary>
internal interface IByteTransport
{
    /// <summary>Reads what there is, at least one byte; 0 at the end.</summary>
    ValueTask<int> ReadAsync(Memory<byte> target);

    ValueTask WriteAsync(ReadOnlyMemory<byte> bytes);

    /// <summary>A new command begins; numbering of compressed packets starts again.</summary>
    void BeginCommand();

    /// <summary>Ends everything under way with an error. May be called at any time, again and again.</summary>
    void Abort();
}
