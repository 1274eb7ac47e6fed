using Flotilla.Primitives;

namespace Flotilla.Gearman.Connections;

/// <summary>Bytes to and from one server. One receive and one send may be under way at a time.</summary>
internal abstract class Transport : IDisposable
{
    /// <summary>At least one byte, or 0 when the server has ended its side.</summary>
    public abstract ValueTask<int> ReceiveAsync(Memory<byte> target);

    /// <summary>Sends everything in <paramref name="bytes"/> and leaves it empty.</summary>
    public abstract ValueTask SendAsync(ByteQueue bytes);

    public abstract void Dispose();
}
