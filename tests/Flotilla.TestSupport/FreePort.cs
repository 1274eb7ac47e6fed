using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Flotilla.TestSupport;

/// <summary>
/// Ports for programs that must be told one. They come from below the range that the system takes its own choices from: otherwise a
/// connection of some other test could take the port before the program does, or while it is being started again.
/// </summary>
public static class FreePort
{
    private const int Lowest = 10_000;
    private const int Attempts = 1000;

    /// <summary>A port of loopback that nobody listens on.</summary>
    public static int Next()
    {
        var end = EphemeralBegin();
        for (var attempt = 0; attempt < Attempts && end > Lowest; attempt++)
        {
            var port = Random.Shared.Next(Lowest, end);
            if (TryBind(port) is not null)
                return port;
        }

        return TryBind(0) ?? throw new InvalidOperationException("no port of loopback is free");
    }

    private static int EphemeralBegin()
    {
        const string Path = "/proc/sys/net/ipv4/ip_local_port_range";
        return File.Exists(Path) ? int.Parse(File.ReadAllText(Path).Split('\t', ' ')[0], CultureInfo.InvariantCulture) : 0;
    }

    private static int? TryBind(int port)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
            return ((IPEndPoint)socket.LocalEndPoint!).Port;
        }
        catch (SocketException)
        {
            return null;
        }
    }
}
