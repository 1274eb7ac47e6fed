using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Flotilla.TestSupport;

namespace Flotilla.Gearman.Tests.Servers;

/// <summary>A gearmand in a process of its own, on a free loopback port.</summary>
internal sealed class PeerServer : IJobServer
{
    private const int Attempts = 5;

    private static readonly Lazy<bool> Fetched = new(Fetch);

    private readonly ServerKind _kind;
    private readonly string _pidFile;
    private Process? _process;
    private int _port;

    private PeerServer(ServerKind kind)
    {
        _kind = kind;
        _pidFile = Path.Combine(Path.GetTempPath(), $"flotilla-{Guid.NewGuid():N}.pid");
    }

    public GearmanAddress Address => GearmanAddress.Tcp("127.0.0.1", _port);

    public static async Task<PeerServer> StartAsync(ServerKind kind)
    {
        Assert.SkipUnless(Fetched.Value, "peers are missing; run eng/peers/fetch.sh");
        var server = new PeerServer(kind);
        for (var attempt = 1; ; attempt++)
        {
            server._port = FreePort.Next();
            await server.RestartAsync();
            if (server._process is { HasExited: false })
                return server;
            Assert.True(attempt < Attempts, $"{kind} does not start");
        }
    }

    public async Task KillAsync()
    {
        if (_process is not { } process)
            return;
        _process = null;
        process.Kill(entireProcessTree: true);
        await process.WaitForExitAsync();
        process.Dispose();
    }

    public async Task RestartAsync()
    {
        await KillAsync();
        var port = _port.ToString(CultureInfo.InvariantCulture);
        string[] arguments = _kind == ServerKind.Gearmand
            ? ["-L", "127.0.0.1", "-p", port, "-P", _pidFile, "-l", "none", "--verbose", "ERROR"]
            : ["--listen=127.0.0.1", $"--port={port}"];
        var program = _kind == ServerKind.Gearmand ? "gearmand" : "gearmand-perl";
        var start = new ProcessStartInfo(Repository.Combine(".tools", "peers", "bin", program), arguments)
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        var process = _process = Process.Start(start)!;
        process.OutputDataReceived += static (_, _) => { };
        process.ErrorDataReceived += static (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        await Deadline.UntilAsync(() => process.HasExited || Accepts(), $"{_kind} listens");
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        File.Delete(_pidFile);
    }

    private bool Accepts()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Connect(IPAddress.Loopback, _port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static bool Fetch()
    {
        using var process = Process.Start(new ProcessStartInfo(Repository.Combine("eng", "peers", "fetch.sh")) { UseShellExecute = false, RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
            Console.Error.WriteLine(errors);
        return process.ExitCode == 0;
    }
}
