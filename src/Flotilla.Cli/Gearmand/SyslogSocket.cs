using System.Net.Sockets;
using System.Text;

namespace Flotilla.Cli.Gearmand;

/// <summary>Sends lines to the system's log by its socket; without one they are lost, as with syslog(3).</summary>
internal sealed class SyslogSocket(string program) : IDisposable
{
    private const string Path = "/dev/log";
    private const int FacilityDaemon = 3 << 3;
    private readonly Lock _gate = new();
    private Socket? _socket;

    public void Send(GearmandVerbosity level, string text)
    {
        var datagram = Encoding.UTF8.GetBytes($"<{FacilityDaemon | Severity(level)}>{program}[{Environment.ProcessId}]: {text.ReplaceLineEndings(" ")}");
        lock (_gate)
        {
            try
            {
                _socket ??= Connect();
                _socket.Send(datagram);
            }
            catch (SocketException)
            {
                _socket?.Dispose();
                _socket = null;
            }
        }
    }

    public void Dispose()
    {
        lock (_gate)
            _socket?.Dispose();
    }

    /// <summary>The numbers of RFC 5424, in whose order gearmand's levels are.</summary>
    private static int Severity(GearmandVerbosity level) => (int)level;

    private static Socket Connect()
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(Path));
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
