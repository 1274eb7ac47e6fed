using System.Diagnostics;
using System.Globalization;
using Flotilla.Bench.Groups;

namespace Flotilla.Bench.Clusters;

/// <summary>A program in a host's network, which dies with this process: a shell waits for the end of its standard input, and kills it.</summary>
internal sealed class HostProcess : IAsyncDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    private readonly Process _shell;

    private HostProcess(Process shell, int id) => (_shell, Id) = (shell, id);

    public int Id { get; }

    public bool IsRunning => IsAlive(Id);

    /// <param name="network">The networks.</param>
    /// <param name="host">Whose: 1 to 3, 0 for the clients'.</param>
    /// <param name="log">Where both of its outputs go.</param>
    /// <param name="command">The program and its arguments.</param>
    /// <param name="environment">Variables on top of this process's.</param>
    public static async Task<HostProcess> StartAsync(GroupNetwork network, int host, string log, IEnumerable<string> command, IReadOnlyDictionary<string, string>? environment = null)
    {
        // 'ip netns exec' becomes the program: the id is the program's.
        const string script = "log=$1; shift; \"$@\" </dev/null >>\"$log\" 2>&1 & echo $!; read line; kill -9 $! 2>/dev/null; wait";
        var start = new ProcessStartInfo("/bin/sh", ["-c", script, "sh", log, "ip", "netns", "exec", network.NameOf(host), .. command])
        {
            UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true,
        };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
            start.Environment[name] = value;
        var shell = Process.Start(start)!;
        return new HostProcess(shell, int.Parse((await shell.StandardOutput.ReadLineAsync())!, CultureInfo.InvariantCulture));
    }

    public void Send(string signal) => Send(Id, signal);

    /// <summary>SIGTERM, and its end awaited.</summary>
    public async Task StopAsync()
    {
        Send("TERM");
        await Wait.UntilAsync(() => !IsRunning, s_patience, $"process {Id} ends");
    }

    public async ValueTask DisposeAsync()
    {
        _shell.StandardInput.Close();
        await _shell.WaitForExitAsync();
        _shell.Dispose();
    }

    public static void Send(int process, string signal)
    {
        using var kill = Process.Start(new ProcessStartInfo("/bin/kill", [$"-{signal}", process.ToString(CultureInfo.InvariantCulture)]) { UseShellExecute = false, RedirectStandardError = true })!;
        kill.WaitForExit();
    }

    /// <summary>A child that ended stays a zombie until its shell waits for it.</summary>
    public static bool IsAlive(int process)
    {
        try
        {
            var text = File.ReadAllText($"/proc/{process}/stat");
            return text[text.LastIndexOf(')') + 2] is not ('Z' or 'X');
        }
        catch (IOException)
        {
            return false;
        }
    }

    /// <summary>Processes with a command line like that.</summary>
    public static IEnumerable<int> Find(Func<string[], bool> isIt)
    {
        foreach (var folder in Directory.GetDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(folder), out var process))
                continue;
            string[] words;
            try
            {
                words = File.ReadAllText(Path.Combine(folder, "cmdline")).Split('\0');
            }
            catch (IOException)
            {
                continue;
            }

            if (isIt(words) && IsAlive(process))
                yield return process;
        }
    }
}
