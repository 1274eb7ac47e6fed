namespace Flotilla.Sockets;

/// <summary>The life of a connection.</summary>
internal enum ConnectionPhase
{
    /// <summary>An outbound connection is being made.</summary>
    Connecting,

    Open,

    /// <summary>Closed by this side; output still leaves.</summary>
    Closing,

    /// <summary>Over for the handler; the peer is given time to read the rest.</summary>
    Lingering,

    Closed,
}
