using System.Diagnostics;
using System.Globalization;
using System.Reflection;

namespace Flotilla.Chaos.Tests.World;

/// <summary>
/// A process in a host's namespace by which the others reach its node and its server. It can stop handing on what comes from another host, or what goes there: for whoever sends the connection lives, and its bytes
/// wait. They arrive when it is mended, however late.
/// </summary>
internal sealed class Relay : IDisposable
{
    private readonly Process _process;

    private Relay(Process process) => _process = process;

    public static Relay Start(Network network, int host)
        => new(Process.Start(new ProcessStartInfo(
            "ip",
            [
                "netns", "exec", network.Name(host), "dotnet", "exec", Assembly.GetEntryAssembly()!.Location, "--relay", network.RelayAddressOf(host), network.AddressOf(host), .. Ports.Select(Text),
            ])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!);

    /// <summary>Of nothing that one host sends on that port, whoever of the two connected, the other gets a byte. What the other sends arrives.</summary>
    public static void Cut(Host from, Host to, int port)
    {
        to.Relay!.Tell($"cut {from.Address} in {Text(port)}");
        from.Relay!.Tell($"cut {to.Address} out {Text(port)}");
    }

    /// <summary>All goes on. How often something was held back since it was mended last.</summary>
    public async Task<int> MendAsync()
    {
        Tell("mend");
        return int.Parse((await _process.StandardOutput.ReadLineAsync())!, CultureInfo.InvariantCulture);
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }

    private static IEnumerable<int> Ports => [Host.NodePort, Host.ServerPort];

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private void Tell(string line) => _process.StandardInput.WriteLine(line);
}
