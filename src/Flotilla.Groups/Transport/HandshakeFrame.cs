namespace Flotilla.Groups.Transport;

/// <summary>Frames of the handshake, and of the connection itself. The numbers are on the wire, above those of the nodes' own frames.</summary>
internal enum HandshakeFrame : byte
{
    /// <summary>Says only that the sender lives.</summary>
    KeepAlive = 0xEF,

    /// <summary>The dialler's: who it is, and a nonce.</summary>
    Hello = 0xF0,

    /// <summary>The acceptor's: who it is, a nonce, and the proof that it has the secret (zeros when there is none).</summary>
    HelloReply = 0xF1,

    /// <summary>The dialler's proof (empty when there is no secret); it wants the connection.</summary>
    Proof = 0xF2,

    /// <summary>The acceptor took the connection: frames may follow in both directions.</summary>
    Accepted = 0xF3,

    /// <summary>Nothing more comes: u8 <see cref="RefusalCode"/>, and why in words.</summary>
    Refused = 0xF4,
}
