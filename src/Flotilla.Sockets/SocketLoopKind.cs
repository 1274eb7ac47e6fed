namespace Flotilla.Sockets;

/// <summary>What carries a loop.</summary>
public enum SocketLoopKind
{
    /// <summary>Epoll on Linux, .NET sockets elsewhere.</summary>
    Automatic,

    /// <summary>Linux epoll.</summary>
    Epoll,

    /// <summary>.NET sockets with asynchronous pumps: works everywhere, costs about twice the processor time.</summary>
    Portable,
}
