using System.Buffers.Binary;
using System.Text;

namespace Flotilla.Cluster.Servers;

/// <summary>
/// A stream that says how it ended: pieces of <c>4 length (big endian) | bytes</c>, then a length of 0 when it is whole, or -1 and a piece with the reason when it is not.
/// What a backup program streams does not tell a whole one from one that was cut.
/// </summary>
internal static class BackupFrames
{
    public const int PieceBytesMax = 1 << 20;
    private const int ReasonBytesMax = 4096;
    private const int Whole = 0;
    private const int Broken = -1;

    public static async Task WritePieceAsync(Stream output, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        while (bytes.Length > 0)
        {
            var piece = bytes[..Math.Min(bytes.Length, PieceBytesMax)];
            await WriteLengthAsync(output, piece.Length, cancellationToken);
            await output.WriteAsync(piece, cancellationToken);
            bytes = bytes[piece.Length..];
        }
    }

    /// <param name="output">Where to.</param>
    /// <param name="reason">Why it is not whole; null when it is.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task WriteEndAsync(Stream output, string? reason, CancellationToken cancellationToken)
    {
        await WriteLengthAsync(output, reason is null ? Whole : Broken, cancellationToken);
        if (reason is not null)
        {
            var bytes = Encoding.UTF8.GetBytes(reason);
            await WritePieceAsync(output, bytes.AsMemory(0, Math.Min(bytes.Length, ReasonBytesMax)), cancellationToken);
        }

        await output.FlushAsync(cancellationToken);
    }

    /// <summary>The length of the next piece; 0 at the end of a whole stream.</summary>
    /// <exception cref="IOException">The stream is not whole: the sender says so, or it was cut, or is no such stream.</exception>
    public static async Task<int> ReadLengthAsync(Stream input, CancellationToken cancellationToken)
    {
        var length = await ReadNumberAsync(input, cancellationToken);
        if (length is >= 0 and <= PieceBytesMax)
            return length;
        var reasonLength = length == Broken ? await ReadNumberAsync(input, cancellationToken) : 0;
        if (reasonLength is <= 0 or > ReasonBytesMax)
            throw new IOException($"a piece of {length} bytes: this is no backup");
        var reason = new byte[reasonLength];
        await input.ReadExactlyAsync(reason, cancellationToken);
        throw new IOException("the donor failed: " + Encoding.UTF8.GetString(reason));
    }

    private static async Task WriteLengthAsync(Stream output, int length, CancellationToken cancellationToken)
    {
        var bytes = new byte[sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(bytes, length);
        await output.WriteAsync(bytes, cancellationToken);
    }

    private static async Task<int> ReadNumberAsync(Stream input, CancellationToken cancellationToken)
    {
        var bytes = new byte[sizeof(int)];
        await input.ReadExactlyAsync(bytes, cancellationToken);
        return BinaryPrimitives.ReadInt32BigEndian(bytes);
    }
}
