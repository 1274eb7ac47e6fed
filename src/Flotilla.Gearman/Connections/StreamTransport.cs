using Flotilla.Primitives;

namespace Flotilla.Gearman.Connections;

/// <summary>TLS over a socket. Small pieces are put together first, so that they share a TLS record.</summary>
internal sealed class StreamTransport(Stream stream) : Transport
{
    /// <summary>The largest TLS record.</summary>
    private const int StagingBytes = 16 * 1024;

    private readonly byte[] _staging = new byte[StagingBytes];

    public override ValueTask<int> ReceiveAsync(Memory<byte> target) => stream.ReadAsync(target);

    public override async ValueTask SendPartAsync(ByteQueue bytes)
    {
        if (bytes.PieceCount == 1 || bytes.HeadMemory.Length >= StagingBytes)
        {
            var part = bytes.HeadMemory[..Math.Min(bytes.HeadMemory.Length, PartBytesMax)];
            await stream.WriteAsync(part);
            bytes.Consume(part.Length);
            return;
        }

        var staged = 0;
        while (staged < StagingBytes && !bytes.IsEmpty)
        {
            var taken = Math.Min(bytes.Head.Length, StagingBytes - staged);
            bytes.Head[..taken].CopyTo(_staging.AsSpan(staged));
            bytes.Consume(taken);
            staged += taken;
        }

        await stream.WriteAsync(_staging.AsMemory(0, staged));
    }

    public override void Dispose() => stream.Dispose();
}
