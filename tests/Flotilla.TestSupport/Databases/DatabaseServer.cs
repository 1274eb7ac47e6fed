using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;

namespace Flotilla.TestSupport.Databases;

/// <summary>
/// A throwaway server on a free loopback port, with a folder of its own, both gone on dispose. <c>root</c> has no password. It dies with
/// the test program, however that ends: a shell waits for the end of its standard input and kills it.
/// </summary>
public sealed class DatabaseServer : IAsyncDisposable
{
    private const int Attempts = 3;

    private Process _guard;

    private DatabaseServer(DatabaseKind kind, string folder, Process guard, int port, int processId)
    {
        Kind = kind;
        Folder = folder;
        _guard = guard;
        Port = port;
        ProcessId = processId;
    }

    public DatabaseKind Kind { get; }

    public string Host => "127.0.0.1";

    public int Port { get; }

    public int ProcessId { get; private set; }

    /// <summary>Holds <c>data</c>, the socket and the log.</summary>
    public string Folder { get; }

    public string SocketPath => Path.Combine(Folder, "sock");

    public string LogPath => Path.Combine(Folder, "log");

    /// <summary>Starts one and waits until it takes connections.</summary>
    /// <param name="kind">Which server.</param>
    /// <param name="options">More arguments, such as <c>--log-bin</c>.</param>
    public static async Task<DatabaseServer> StartAsync(DatabaseKind kind, params string[] options)
    {
        var folder = Directory.CreateTempSubdirectory("flotilla-db-").FullName;
        try
        {
            await DatabaseTemplate.CopyToAsync(kind, Directory.CreateDirectory(Path.Combine(folder, "data")).FullName);
            for (var attempt = 1; ; attempt++)
            {
                // The port was free a moment ago; somebody else may have it by now.
                if (await TryStartAsync(kind, folder, FreePort.Next(), options) is { } server)
                    return server;
                if (attempt == Attempts)
                    throw new InvalidOperationException($"{kind} does not start:\n{await File.ReadAllTextAsync(Path.Combine(folder, "log"))}");
            }
        }
        catch
        {
            Directory.Delete(folder, recursive: true);
            throw;
        }
    }

    /// <summary>SIGKILL: what it has not written to its files is lost.</summary>
    public Task KillAsync() => EndAsync(_guard);

    /// <summary>Starts it after <see cref="KillAsync"/>, on its files and port, with these options in place of the former.</summary>
    public async Task StartAgainAsync(params string[] options)
    {
        var again = await TryStartAsync(Kind, Folder, Port, options)
            ?? throw new InvalidOperationException($"{Kind} does not start again:\n{await File.ReadAllTextAsync(LogPath)}");
        _guard.Dispose();
        (_guard, ProcessId) = (again._guard, again.ProcessId);
    }

    /// <summary>Stops it for good, by force: nothing of it is kept.</summary>
    public async ValueTask DisposeAsync()
    {
        await EndAsync(_guard);
        _guard.Dispose();
        Directory.Delete(Folder, recursive: true);
    }

    private static async Task<DatabaseServer?> TryStartAsync(DatabaseKind kind, string folder, int port, string[] options)
    {
        string[] arguments =
        [
            .. DatabaseTemplate.CommonArguments(kind), "--datadir=" + Path.Combine(folder, "data"), "--socket=" + Path.Combine(folder, "sock"),
            "--pid-file=" + Path.Combine(folder, "pid"), "--log-error=" + Path.Combine(folder, "log"), "--bind-address=127.0.0.1",
            "--port=" + port.ToString(CultureInfo.InvariantCulture), "--skip-name-resolve", "--performance-schema=OFF", .. options,
        ];
        const string script = "\"$@\" </dev/null >/dev/null 2>&1 & echo $!; read line; kill -9 $!; wait";
        var guard = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", script, "sh", DatabaseTemplate.Program(kind), .. arguments])
        {
            UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true,
        })!;
        var id = int.Parse((await guard.StandardOutput.ReadLineAsync())!, CultureInfo.InvariantCulture);
        var server = new DatabaseServer(kind, folder, guard, port, id);
        var ready = false;
        await Deadline.UntilAsync(
            async () => (ready = await server.AnswersAsync()) || !server.IsRunning(), $"{kind} takes connections", Deadline.Default * 2);
        if (ready)
            return server;
        await EndAsync(guard);
        guard.Dispose();
        return null;
    }

    private static async Task EndAsync(Process guard)
    {
        guard.StandardInput.Close();
        await guard.WaitForExitAsync();
    }

    /// <summary>A child that ended stays a zombie until its shell waits for it.</summary>
    private bool IsRunning()
    {
        var stat = $"/proc/{ProcessId}/stat";
        try
        {
            var text = File.ReadAllText(stat);
            return text[(text.LastIndexOf(')') + 2)..][0] is not 'Z';
        }
        catch (IOException)
        {
            return false;
        }
    }

    /// <summary>Whether it is this server, not another on that port, that says hello.</summary>
    private async Task<bool> AnswersAsync()
    {
        if (!File.Exists(SocketPath))
            return false;
        try
        {
            using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(SocketPath));
            return await socket.ReceiveAsync(new byte[64]) > 0;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
