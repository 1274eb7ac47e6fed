using Flotilla.Primitives;

namespace Flotilla.Gearman.Connections;

/// <summary>Bytes to and from one server. One receive and one send may be under way at a time.</summary>
internal abstract class Transport : IDisposable
{
    /// <summary>At least one byte, or 0 when the server has ended its side.</summary>
    public abstract ValueTask<int> ReceiveAsync(Memory<byte> target);

    /// <summary>
    /// Bytes that one send takes at most. A send ends when all of it has left, so on a slow link this is how long nothing is heard of it:
    /// two seconds at 1 Mbit/s.
    /// </summary>
    protected const int PartBytesMax = 256 * 1024;

    /// <summary>Sends some of what is at the head of <paramref name="bytes"/>, which is not empty, and takes it away.</summary>
    public abstract ValueTask SendPartAsync(ByteQueue bytes);

    public abstract void Dispose();
}
