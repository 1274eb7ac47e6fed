using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using Flotilla.Chaos.Tests.World;

namespace Flotilla.Chaos.Tests.Clients;

/// <summary>A client's process in a namespace, and what it noted.</summary>
internal sealed class Client : IAsyncDisposable
{
    private static int s_count;

    private readonly Process _process;
    private readonly string _path;

    private Client(int host, int number, string path, Process process) => (Host, Number, _path, _process) = (host, number, path, process);

    /// <summary>Index of its namespace.</summary>
    public int Host { get; }

    public int Number { get; }

    public static Client Start(ChaosCluster cluster, int host)
    {
        var number = Interlocked.Increment(ref s_count);
        var path = Path.Combine(cluster.Folder, $"client-{number}");
        var name = number.ToString(CultureInfo.InvariantCulture);
        var process = Process.Start(new ProcessStartInfo(
            "ip",
            [
                "netns", "exec", cluster.Network.Name(host), "dotnet", "exec", Assembly.GetEntryAssembly()!.Location, "--child", name, path, World.Host.Writer, cluster.WriterPassword,
                .. cluster.WithServer.Select(one => one.Address),
            ])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
        })!;
        return new Client(host, number, path, process);
    }

    /// <summary>What it noted so far: whole lines.</summary>
    public IReadOnlyList<Write> Read()
    {
        if (!File.Exists(_path))
            return [];
        using var file = new StreamReader(new FileStream(_path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        var text = file.ReadToEnd();
        return [.. text[..(text.LastIndexOf('\n') + 1)].Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(Write.Parse)];
    }

    /// <summary>Lets it finish, or finds it dead.</summary>
    public async Task EndAsync()
    {
        try
        {
            _process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It is dead, as its host is.
        }

        await _process.WaitForExitAsync().WaitAsync(ChaosCluster.Patience);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}
