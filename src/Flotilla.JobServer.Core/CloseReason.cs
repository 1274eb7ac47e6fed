namespace Flotilla.JobServer.Core;

/// <summary>Why the machine ends a connection; becomes one log line.</summary>
public enum CloseReason
{
    /// <summary>The peer broke the protocol.</summary>
    ProtocolError,

    /// <summary>The peer may not be here: wrong or missing secret.</summary>
    NotAuthorized,

    /// <summary>The peer does not read what it asked for.</summary>
    SlowReader,

    /// <summary>The server stops.</summary>
    Shutdown,
}
