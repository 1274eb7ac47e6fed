using System.Net.Sockets;
using System.Runtime.InteropServices;
using Flotilla.Primitives;

namespace Flotilla.Gearman.Connections;

/// <summary>A plain socket. Many small pieces leave in one gathering write.</summary>
internal sealed class SocketTransport(Socket socket) : Transport
{
    /// <summary>Pieces per system call; the kernel takes 1024, and a flush seldom has more than some dozens.</summary>
    private const int PiecesMax = 256;

    private readonly List<ArraySegment<byte>> _pieces = [];

    public override ValueTask<int> ReceiveAsync(Memory<byte> target) => socket.ReceiveAsync(target, SocketFlags.None);

    public override async ValueTask SendPartAsync(ByteQueue bytes)
    {
        var sent = bytes.PieceCount == 1 || !Gather(bytes)
            ? await socket.SendAsync(bytes.HeadMemory[..Math.Min(bytes.HeadMemory.Length, PartBytesMax)], SocketFlags.None)
            : await socket.SendAsync(_pieces, SocketFlags.None);
        bytes.Consume(sent);
    }

    public override void Dispose() => socket.Dispose();

    /// <summary>False when the first piece is not backed by an array and must go alone.</summary>
    private bool Gather(ByteQueue bytes)
    {
        _pieces.Clear();
        var left = PartBytesMax;
        for (var i = 0; i < bytes.PieceCount && i < PiecesMax && left > 0; i++)
        {
            if (!MemoryMarshal.TryGetArray(bytes.Piece(i), out var segment))
                break;
            if (segment.Count > left)
                segment = segment[..left];
            _pieces.Add(segment);
            left -= segment.Count;
        }

        return _pieces.Count > 0;
    }
}
