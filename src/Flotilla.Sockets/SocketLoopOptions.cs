namespace Flotilla.Sockets;

/// <summary>How one loop treats its connections.</summary>
public sealed record SocketLoopOptions
{
    /// <summary>For the thread's name and diagnostics.</summary>
    public string Name { get; init; } = "sockets";

    /// <summary>Which system interface carries the loop. Default: epoll where there is one.</summary>
    public SocketLoopKind Kind { get; init; } = SocketLoopKind.Automatic;

    /// <summary>
    /// A connection for which more output than this waits is not read from until half of it is gone: it must not ask for more than
    /// it reads. Default 1 MiB.
    /// </summary>
    public long OutputPauseBytes { get; init; } = 1024 * 1024;

    /// <summary>
    /// A connection is closed as a slow reader when new output comes while more than this still waits. One message may be larger.
    /// Default 64 MiB.
    /// </summary>
    public long OutputLimitBytes { get; init; } = 64L * 1024 * 1024;

    /// <summary>
    /// While more output than this waits on all connections of the loop together, a connection that is sent more than it takes at once is
    /// closed as a slow reader when more than <see cref="OutputPauseBytes"/> wait for it. Default 1 GiB.
    /// </summary>
    public long OutputTotalLimitBytes { get; init; } = 1024L * 1024 * 1024;

    /// <summary>
    /// Memory for incomplete messages of all connections of the loop; above it only one connection at a time may grow its buffer,
    /// the others wait unread. Default 256 MiB.
    /// </summary>
    public long ReceiveLimitBytes { get; init; } = 256L * 1024 * 1024;

    /// <summary>How long a peer may take to read the rest and to say goodbye when this side closes. Default 10 s.</summary>
    public TimeSpan CloseTimeout { get; init; } = TimeSpan.FromSeconds(10);
}
