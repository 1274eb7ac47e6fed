using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Flotilla.TestSupport;

namespace Flotilla.Integration.Tests.Peers;

/// <summary>A C gearmand of its own on a free loopback port, killed on dispose.</summary>
internal sealed class GearmandProcess : IServerUnderTest
{
    private const int Attempts = 5;

    private readonly string[] _arguments;
    private Process? _process;

    private GearmandProcess(int port, IEnumerable<string> arguments)
    {
        Endpoint = new IPEndPoint(IPAddress.Loopback, port);
        _arguments =
        [
            "-L", "127.0.0.1", "-p", port.ToString(CultureInfo.InvariantCulture), "-P", PidFile, "-l", "none", "--verbose", "ERROR",
            .. arguments,
        ];
    }

    public IPEndPoint Endpoint { get; }

    private string PidFile => Path.Combine(Path.GetTempPath(), $"flotilla-gearmand-{Endpoint.Port}.pid");

    public static async Task<GearmandProcess> StartAsync(IEnumerable<string>? arguments = null)
    {
        for (var attempt = 1; ; attempt++)
        {
            var server = new GearmandProcess(FreePort.Next(), arguments ?? []);
            if (await server.TryStartAsync())
                return server;
            await server.StopAsync();
            Assert.True(attempt < Attempts, "gearmand does not start"); // another process may take the port first, but not every time
        }
    }

    public async Task StartAgainAsync() => Assert.True(await TryStartAsync(), "gearmand does not start again on its port");

    public async Task StopAsync()
    {
        if (_process is not { } process)
            return;
        _process = null;
        process.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
        File.Delete(PidFile);
    }

    public async ValueTask DisposeAsync() => await StopAsync();

    private async Task<bool> TryStartAsync()
    {
        _process = Process.Start(new ProcessStartInfo(Peer.Gearmand, _arguments)
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        await Deadline.UntilAsync(AcceptsOrDied, "gearmand listens");
        return !_process.HasExited;
    }

    private bool AcceptsOrDied()
    {
        if (_process!.HasExited)
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
