using Flotilla.Gearman.Connections;

namespace Flotilla.Gearman.Client;

/// <summary>A request that waits for its answer. Servers answer the requests of a connection in order, so they wait in a queue.</summary>
internal abstract class PendingReply
{
    /// <summary>Time stamp of the request.</summary>
    public long AskedAt { get; set; }

    /// <summary>The server answered with a packet.</summary>
    /// <exception cref="GearmanProtocolException">The answer is not one to this request.</exception>
    public abstract void OnAnswer(in IncomingPacket packet);

    public virtual void OnLine(ReadOnlySpan<byte> line)
        => throw new GearmanProtocolException("a text line where a packet must answer");

    /// <summary>The server refused, or the connection is gone.</summary>
    public abstract void OnFailure(Exception reason);
}
