using System.Diagnostics;

namespace Flotilla.Groups.Tests.Processes;

/// <summary>Network namespaces on a bridge of their own, named after this process; nothing of the host's network is touched.</summary>
internal sealed class Namespaces : IDisposable
{
    private static int s_count;

    private readonly string _prefix = $"flt{Environment.ProcessId}n{Interlocked.Increment(ref s_count)}-";
    private readonly int _count;
    private bool _isRemoved;

    /// <param name="addresses">What each namespace is reached at, within 10.78.0.0/24.</param>
    public Namespaces(params string[][] addresses)
    {
        _count = addresses.Length;
        try
        {
            Ip($"netns add {_prefix}bridge");
            Ip($"-n {_prefix}bridge link add br0 type bridge");
            Ip($"-n {_prefix}bridge link set br0 up");
            for (var index = 0; index < _count; index++)
            {
                Ip($"netns add {Name(index)}");
                Ip($"-n {_prefix}bridge link add v{index} type veth peer name eth0 netns {Name(index)}");
                Ip($"-n {_prefix}bridge link set v{index} master br0 up");
                foreach (var address in addresses[index])
                    Ip($"-n {Name(index)} address add {address}/24 dev eth0");
                Ip($"-n {Name(index)} link set eth0 up");
                Ip($"-n {Name(index)} link set lo up");
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Null when namespaces can be made here; else why not.</summary>
    public static string? Missing { get; } = FindMissing();

    public string Name(int index) => _prefix + index.ToString();

    /// <summary>Packets from one namespace to an address vanish.</summary>
    public void Cut(int from, string to) => Ip($"-n {Name(from)} route add blackhole {to}/32");

    public void Mend(int from, string to) => Ip($"-n {Name(from)} route del blackhole {to}/32");

    public void Dispose()
    {
        if (_isRemoved)
            return;
        _isRemoved = true;
        for (var index = 0; index < _count; index++)
            Run($"netns del {Name(index)}");
        Run($"netns del {_prefix}bridge");
    }

    private static string? FindMissing()
    {
        if (!OperatingSystem.IsLinux() || !Environment.IsPrivilegedProcess)
            return "needs root, to make network namespaces";
        var name = $"flt{Environment.ProcessId}probe";
        try
        {
            if (Run($"netns add {name}") is { } problem)
                return "needs network namespaces: " + problem;
            return Run($"-n {name} link add br0 type bridge") is { } noBridge ? "needs network bridges: " + noBridge : null;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return "needs the ip program (iproute2)";
        }
        finally
        {
            if (File.Exists("/run/netns/" + name))
                Run($"netns del {name}");
        }
    }

    private static void Ip(string arguments)
    {
        if (Run(arguments) is { } problem)
            throw new InvalidOperationException($"ip {arguments}: {problem}");
    }

    private static string? Run(string arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("ip", arguments) { RedirectStandardError = true, UseShellExecute = false })!;
        var errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? null : errors.Trim();
    }
}
