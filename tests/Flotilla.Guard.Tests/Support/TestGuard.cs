using System.Net.Sockets;
using Flotilla.TestSupport;

namespace Flotilla.Guard.Tests.Support;

/// <summary>A folder, the guard in it, and what it started: gone on dispose.</summary>
internal sealed class TestGuard : IAsyncDisposable
{
    private readonly List<GuardClient> _clients = [];
    private readonly HashSet<int> _processes = [];

    public TestGuard(params string[] command)
        => Options = new GuardOptions { Folder = Directory.CreateTempSubdirectory("flotilla-guard-").FullName, Command = command, Idle = TimeSpan.FromSeconds(30) };

    public GuardOptions Options { get; set; }

    public string Log => File.ReadAllText(Options.EffectiveLogPath);

    public static long After(double seconds) => BootClock.NowNs + (long)(seconds * GuardProtocol.NsPerSecond);

    /// <summary>A node's connection.</summary>
    /// <param name="program">The words that start this program; default as it was started.</param>
    public async Task<GuardClient> ConnectAsync(params string[] program)
    {
        var client = await GuardClient.ConnectOrStartAsync(Options, program.Length == 0 ? OwnProgram.Command : program, CancellationToken.None);
        _clients.Add(client);
        _processes.Add(client.State.GuardProcess);
        return client;
    }

    /// <summary>Starts the server.</summary>
    public async Task<int> StartAsync(GuardClient client, ulong epoch = 1, params string[] arguments)
    {
        var process = await client.StartAsync(GuardRole.Primary, epoch, arguments);
        _processes.Add(process);
        return process;
    }

    /// <summary>A connection that can say anything.</summary>
    public Socket ConnectRaw()
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Seqpacket, ProtocolType.Unspecified) { ReceiveTimeout = 10_000 };
        socket.Connect(new UnixDomainSocketEndPoint(Options.EffectiveSocketPath));
        return socket;
    }

    /// <summary>Waits for an event of a kind, passing over others.</summary>
    public static async Task<GuardEvent> NextAsync(GuardClient client, GuardEventKind kind)
    {
        using var patience = new CancellationTokenSource(Deadline.Default);
        await foreach (var one in client.Events.ReadAllAsync(patience.Token))
        {
            if (one.Kind == kind)
                return one;
        }

        throw new InvalidOperationException($"the connection ended before {kind}");
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var client in _clients)
            await client.DisposeAsync();
        foreach (var process in _processes.Where(Processes.IsAlive))
            _ = Processes.Run("/bin/kill", "-KILL", $"{process}");
        await Deadline.UntilAsync(() => !_processes.Any(Processes.IsAlive), "all are gone");
        Directory.Delete(Options.Folder, recursive: true);
    }
}
