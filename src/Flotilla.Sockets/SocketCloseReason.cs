namespace Flotilla.Sockets;

/// <summary>Why a connection ended.</summary>
public enum SocketCloseReason
{
    /// <summary>This side closed it, and what it had to say was sent.</summary>
    Local,

    /// <summary>The peer or the network broke it.</summary>
    Broken,

    /// <summary>The peer does not read: more waits for it than <see cref="SocketLoopOptions.OutputLimitBytes"/>.</summary>
    SlowReader,

    /// <summary>The peer kept memory that others wait for, and sent too little into it.</summary>
    SlowSender,

    /// <summary>This side wanted to close it, but the peer did not read the rest in time.</summary>
    CloseTimeout,

    /// <summary>The loop stopped.</summary>
    Stopped,
}
