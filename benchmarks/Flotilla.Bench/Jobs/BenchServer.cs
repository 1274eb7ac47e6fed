using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Flotilla.Bench.Jobs;

/// <summary>A server process on a free loopback port, with a folder of its own, both gone on dispose.</summary>
internal sealed class BenchServer : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    private readonly string _folder = Directory.CreateTempSubdirectory("flotilla-bench-").FullName;
    private readonly ServerSetup _setup;
    private Process _process;

    private BenchServer(ServerSetup setup)
    {
        _setup = setup;
        Port = FreePort();
        _process = StartProcess();
    }

    public string Name => _setup.Name;

    public int Port { get; }

    public int ProcessId => _process.Id;

    /// <summary>From the start of the process to its first answer.</summary>
    public TimeSpan StartUp { get; private set; }

    /// <summary>Starts a server and waits for its first answer.</summary>
    public static async Task<BenchServer> StartAsync(ServerSetup setup)
    {
        var server = new BenchServer(setup);
        await server.MeasureStartUpAsync("version\r\n");
        return server;
    }

    /// <summary>Kills the server and starts it again on its folder; how long until it answers <c>status</c>.</summary>
    public async Task<TimeSpan> RestartAsync()
    {
        await KillAsync();
        _process.Dispose();
        _process = StartProcess();
        await MeasureStartUpAsync("status\r\n");
        return StartUp;
    }

    /// <summary>The first line of the answer to a text command.</summary>
    public async Task<string> AskAsync(string command)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, Port);
        await using var stream = new NetworkStream(socket);
        await stream.WriteAsync(Encoding.Latin1.GetBytes(command));
        using var reader = new StreamReader(stream);
        return await reader.ReadLineAsync().WaitAsync(Patience) ?? throw new IOException("the server closed the connection");
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _process.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    private Process StartProcess()
    {
        var arguments = _setup.Arguments.Select(argument =>
            argument.Replace("{port}", Port.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal).Replace("{folder}", _folder, StringComparison.Ordinal));
        var process = Process.Start(new ProcessStartInfo(_setup.Program, arguments)
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    private async Task MeasureStartUpAsync(string question)
    {
        while (true)
        {
            try
            {
                if (_process.HasExited)
                    throw new BenchException($"{Name} ended with code {_process.ExitCode} at its start");
                await AskAsync(question);
                StartUp = DateTime.Now - _process.StartTime;
                return;
            }
            catch (Exception e) when (e is SocketException or IOException && DateTime.Now - _process.StartTime < Patience)
            {
                await Task.Delay(1);
            }
        }
    }

    private async Task KillAsync()
    {
        if (!_process.HasExited)
            _process.Kill();
        await _process.WaitForExitAsync();
    }
}
