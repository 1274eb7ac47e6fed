namespace Flotilla.Sockets;

/// <summary>TCP keep-alive: after <paramref name="Idle"/> of silence a probe every <paramref name="Interval"/>, at most <paramref name="Count"/> without an answer.</summary>
/// <param name="Idle">Silence before the first probe.</param>
/// <param name="Interval">Between probes.</param>
/// <param name="Count">Probes without an answer before the connection is given up.</param>
public sealed record SocketKeepAlive(TimeSpan Idle, TimeSpan Interval, int Count);
