using System.Net;
using System.Net.Sockets;

namespace Flotilla.Sockets;

/// <summary>Makes listening sockets. Accepted sockets inherit the options set here, so accepting needs no further call.</summary>
internal static class SocketBinding
{
    public static Socket Bind(SocketListenerOptions options)
    {
        var isUnix = options.EndPoint is UnixDomainSocketEndPoint;
        var socket = new Socket(options.EndPoint.AddressFamily, SocketType.Stream, isUnix ? ProtocolType.Unspecified : ProtocolType.Tcp);
        try
        {
            if (isUnix)
                RemoveStaleFile(options.EndPoint);
            else
                SetTcpOptions(socket, options.KeepAlive);
            if (options.EndPoint is IPEndPoint { AddressFamily: AddressFamily.InterNetworkV6 } ip)
                socket.DualMode = ip.Address.Equals(IPAddress.IPv6Any);
            socket.Bind(options.EndPoint);
            socket.Listen(options.Backlog);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    public static void SetTcpOptions(Socket socket, SocketKeepAlive? keepAlive)
    {
        socket.NoDelay = true;
        if (keepAlive is null)
            return;
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, Seconds(keepAlive.Idle));
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, Seconds(keepAlive.Interval));
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, Math.Max(1, keepAlive.Count));
    }

    private static int Seconds(TimeSpan time) => Math.Max(1, (int)time.TotalSeconds);

    /// <summary>A server that was killed leaves its socket file behind: it goes when nobody answers there.</summary>
    private static void RemoveStaleFile(EndPoint endPoint)
    {
        var path = endPoint.ToString();
        if (string.IsNullOrEmpty(path) || path[0] == '@' || !File.Exists(path))
            return;
        using var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            probe.Connect(endPoint);
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionRefused)
        {
            File.Delete(path);
        }
        catch (SocketException)
        {
            // Not a socket, or not ours to probe: binding will say what is wrong with it.
        }
    }
}
