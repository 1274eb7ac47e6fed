namespace Flotilla.Sockets;

/// <summary>TCP keep-alive: after <paramref name="Idle"/> of silence a probe every <paramref name="Interval"/>, at most <paramref name="Count"/> without an answer.</summary>
public sealed record SocketKeepAlive(TimeSpan Idle, TimeSpan Interval, int Count);
