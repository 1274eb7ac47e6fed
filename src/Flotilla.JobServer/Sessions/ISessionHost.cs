using Flotilla.Gearman.Protocol;
using Flotilla.Primitives;

namespace Flotilla.JobServer.Sessions;

/// <summary>What a <see cref="Session"/> may do while it is called.</summary>
public interface ISessionHost
{
    /// <summary>Milliseconds since the Unix epoch.</summary>
    long NowMs { get; }

    /// <summary>False while the peer still has to give the secret; a packet may change it.</summary>
    bool IsAuthenticated => true;

    /// <summary>True while answers to what the peer asked for wait for the store, or for the peer to read the first part of a long one.</summary>
    bool OwesAnswers => false;

    /// <summary>Straight to the peer, after what the machine wrote so far.</summary>
    ByteQueue Output { get; }

    /// <summary>Steps the machine with a packet of this connection; its answers may be in the output before this returns.</summary>
    void Packet(PacketMagic magic, PacketType type, ReadOnlySpan<byte> body);

    /// <summary>Steps the machine with a text line of this connection.</summary>
    void Line(ReadOnlySpan<byte> line);

    /// <summary>Ends the connection after its output was sent; <paramref name="why"/> becomes its one log line (null: an orderly end, not logged).</summary>
    void Close(string? why);
}
