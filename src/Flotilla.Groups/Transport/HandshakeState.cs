namespace Flotilla.Groups.Transport;

/// <summary>How far a handshake is.</summary>
internal enum HandshakeState
{
    AwaitsHello,
    AwaitsHelloReply,

    /// <summary>The dialler knows whom it reached; with a secret, for certain. It confirms or leaves.</summary>
    PeerKnown,

    AwaitsProof,

    /// <summary>The acceptor knows who dialled; with a secret, for certain. It accepts or refuses.</summary>
    Proven,

    AwaitsAccepted,
    Done,
    Failed,
}
