using Flotilla.Groups.Core;
using Flotilla.Sockets;

namespace Flotilla.Groups.Transport;

/// <summary>One connection, from its first byte on.</summary>
internal sealed class NodeConnection(SocketConnection socket, Handshake handshake, DialTarget? target, string address, long nowNs)
{
    public SocketConnection Socket { get; } = socket;

    /// <summary>Null once it is over.</summary>
    public Handshake? Handshake { get; set; } = handshake;

    /// <summary>What was dialled; null when the other side did.</summary>
    public DialTarget? Target { get; } = target;

    /// <summary>The other end, for people.</summary>
    public string Address { get; } = address;

    /// <summary>For a node after the handshake.</summary>
    public Hello? Peer { get; set; }

    public NodeId Node => Peer?.Id.Node ?? default;

    /// <summary>For a client after the handshake; else 0.</summary>
    public uint Client { get; set; }

    public long BeganNs { get; } = nowNs;

    public long EstablishedNs { get; set; }

    public long HeardNs { get; set; } = nowNs;

    public long SpokeNs { get; set; } = nowNs;

    /// <summary>The other side said goodbye: its end is no failure.</summary>
    public bool SaidGoodbye { get; set; }

    /// <summary>Its end was told already, or is nobody's business.</summary>
    public bool IsForgotten { get; set; }
}
