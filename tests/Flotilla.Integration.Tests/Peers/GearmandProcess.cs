using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Flotilla.TestSupport;

namespace Flotilla.Integration.Tests.Peers;

/// <summary>A C gearmand of its own on a free loopback port, killed on dispose.</summary>
internal sealed class GearmandProcess : IDisposable
{
    private const int Attempts = 5;

    private readonly Process _process;
    private readonly string _pidFile;

    private GearmandProcess(Process process, string pidFile, IPEndPoint endpoint)
    {
        _process = process;
        _pidFile = pidFile;
        Endpoint = endpoint;
    }

    public IPEndPoint Endpoint { get; }

    public static async Task<GearmandProcess> StartAsync(IEnumerable<string>? arguments = null)
    {
        for (var attempt = 1; ; attempt++)
        {
            var server = Start(Peer.FreePort(), arguments ?? []);
            try
            {
                await Deadline.UntilAsync(server.AcceptsOrDied, "gearmand listens");
                if (!server._process.HasExited)
                    return server;
            }
            catch (TimeoutException) when (attempt < Attempts)
            {
                // another process took the port first: the next one is free
            }

            server.Dispose();
            Assert.True(attempt < Attempts, "gearmand does not start");
        }
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
        File.Delete(_pidFile);
    }

    private static GearmandProcess Start(int port, IEnumerable<string> arguments)
    {
        var pidFile = Path.Combine(Path.GetTempPath(), $"flotilla-gearmand-{port}.pid");
        string[] all =
        [
            "-L", "127.0.0.1", "-p", port.ToString(CultureInfo.InvariantCulture), "-P", pidFile, "-l", "none", "--verbose", "ERROR",
            .. arguments,
        ];
        var start = new ProcessStartInfo(Peer.Gearmand, all) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        return new GearmandProcess(Process.Start(start)!, pidFile, new IPEndPoint(IPAddress.Loopback, port));
    }

    private bool AcceptsOrDied()
    {
        if (_process.HasExited)
            return true;
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Connect(Endpoint);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
