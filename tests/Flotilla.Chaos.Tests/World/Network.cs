using System.Globalization;

namespace Flotilla.Chaos.Tests.World;

/// <summary>
/// Hosts in network namespaces behind a bridge, and what can happen to their links. Packets that a host shall not get are dropped where they come in: whoever sends them is told nothing, as by a
/// network that loses them. Everything is named after this process; what an earlier one left is removed first.
/// </summary>
internal sealed class Network : IDisposable
{
    private const string Prefix = "flc";

    // Before the tables of routes, but behind the one of this host's addresses no rule is asked for what comes in: it is moved.
    private const string LocalTable = "32000";

    private static int s_count;

    private readonly string _tag = $"{Prefix}{Environment.ProcessId}x{Interlocked.Increment(ref s_count)}";
    private readonly string _net;
    private readonly int _hosts;

    private Network(int hosts)
    {
        _hosts = hosts;
        var taken = Tool.Ip("-4 -o address");
        _net = Enumerable.Range(0, 200).Select(at => $"10.77.{(Environment.ProcessId + at) % 250}").First(net => !taken.Contains($" {net}.", StringComparison.Ordinal));
    }

    /// <summary>Null when namespaces can be made here; else why not.</summary>
    public static string? Missing { get; } = FindMissing();

    /// <summary>Where this process is reached.</summary>
    public string Here => $"{_net}.254";

    /// <summary>Makes the namespaces, numbered from 0.</summary>
    public static Network Create(int hosts)
    {
        RemoveLeftovers();
        var made = new Network(hosts);
        try
        {
            Tool.Ip($"link add {made._tag} type bridge");
            Tool.Ip($"address add {made.Here}/24 dev {made._tag}");
            Tool.Ip($"link set {made._tag} up");
            for (var host = 0; host < hosts; host++)
                made.Add(host);
            return made;
        }
        catch
        {
            made.Dispose();
            throw;
        }
    }

    public string Name(int host) => $"{_tag}-{host}";

    public string AddressOf(int host) => $"{_net}.{host + 1}";

    /// <summary>Another address of the host, for a relay.</summary>
    public string RelayAddressOf(int host) => $"{_net}.{host + 101}";

    /// <summary>Nothing of one host comes to the other any more; what the other sends still does.</summary>
    /// <param name="from">Who is not heard.</param>
    /// <param name="to">Who does not hear.</param>
    /// <param name="port">Only traffic from or to this port; null for all.</param>
    public void Drop(int from, int to, int? port = null)
    {
        Hear(from, to);
        foreach (var what in Selectors(port))
            Tool.Ip($"-n {Name(to)} rule add pref {100 + from} from {AddressOf(from)} iif eth0{what} blackhole");
    }

    /// <summary>Nothing passes between the two, and nobody is told.</summary>
    public void Cut(int one, int other, int? port = null)
    {
        Drop(one, other, port);
        Drop(other, one, port);
    }

    /// <summary>There is no route between the two: whoever tries is told at once.</summary>
    public void Unroute(int one, int other)
    {
        Tool.Ip($"-n {Name(one)} route add unreachable {AddressOf(other)}/32");
        Tool.Ip($"-n {Name(other)} route add unreachable {AddressOf(one)}/32");
    }

    /// <summary>What a host sends is limited to so much, and waits in a queue.</summary>
    public void Slow(int host, int kilobits)
        => Tool.Run("tc", $"-n {Name(host)} qdisc add dev eth0 root tbf rate {kilobits.ToString(CultureInfo.InvariantCulture)}kbit burst 4kb latency 400ms");

    /// <summary>Nothing passes between it and all others, the client outside too.</summary>
    public void Isolate(int host)
    {
        for (var other = 0; other < _hosts; other++)
        {
            if (other != host)
                Cut(host, other);
        }
    }

    /// <summary>All links are as they were.</summary>
    public void Mend()
    {
        for (var host = 0; host < _hosts; host++)
            Mend(host);
    }

    /// <summary>The same for those of one host.</summary>
    public void Mend(int host)
    {
        Tool.TryRun("tc", $"-n {Name(host)} qdisc del dev eth0 root");
        for (var other = 0; other < _hosts; other++)
        {
            Hear(other, host);
            Hear(host, other);
            Tool.TryRun("ip", $"-n {Name(host)} route del unreachable {AddressOf(other)}/32");
            Tool.TryRun("ip", $"-n {Name(other)} route del unreachable {AddressOf(host)}/32");
        }
    }

    /// <summary>Processes in that namespace.</summary>
    public IReadOnlyList<int> ProcessesOf(int host)
        => [.. Tool.Ip($"netns pids {Name(host)}").Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => int.Parse(line, CultureInfo.InvariantCulture))];

    public void Dispose()
    {
        for (var host = 0; host < _hosts; host++)
        {
            RemoveNamespace(Name(host));
            // The system takes its time to do it with the namespace.
            Tool.TryRun("ip", $"link del {_tag}o{host}");
        }

        Tool.TryRun("ip", $"link del {_tag}");
    }

    private void Hear(int from, int to)
    {
        while (Tool.TryRun("ip", $"-n {Name(to)} rule del pref {100 + from}") is null)
        {
            // Until there is none of them any more.
        }
    }

    private static IEnumerable<string> Selectors(int? port) => port is { } number ? [$" ipproto tcp dport {number}", $" ipproto tcp sport {number}"] : [""];

    private void Add(int host)
    {
        var (outer, inner) = ($"{_tag}o{host}", $"{_tag}i{host}");
        Tool.Ip($"netns add {Name(host)}");
        Tool.Ip($"link add {outer} type veth peer name {inner}");
        Tool.Ip($"link set {inner} netns {Name(host)} name eth0");
        Tool.Ip($"link set {outer} master {_tag}");
        Tool.Ip($"link set {outer} up");
        Tool.Ip($"-n {Name(host)} address add {AddressOf(host)}/24 dev eth0");
        Tool.Ip($"-n {Name(host)} address add {RelayAddressOf(host)}/24 dev eth0");
        Tool.Ip($"-n {Name(host)} link set eth0 up");
        Tool.Ip($"-n {Name(host)} link set lo up");
        Tool.Ip($"-n {Name(host)} rule add pref {LocalTable} lookup local");
        Tool.Ip($"-n {Name(host)} rule del pref 0 lookup local");
    }

    private static void RemoveNamespace(string name)
    {
        if (!File.Exists("/run/netns/" + name))
            return;
        foreach (var line in Tool.Ip($"netns pids {name}").Split('\n', StringSplitOptions.RemoveEmptyEntries))
            Signals.Send(int.Parse(line, CultureInfo.InvariantCulture), Signals.Kill);
        Tool.TryRun("ip", $"netns del {name}");
    }

    private static void RemoveLeftovers()
    {
        var names = Directory.Exists("/run/netns") ? Directory.GetFiles("/run/netns").Select(path => Path.GetFileName(path)!) : [];
        foreach (var name in names.Where(IsLeft))
            RemoveNamespace(name);
        foreach (var bridge in Directory.GetDirectories("/sys/class/net", Prefix + "*").Select(path => Path.GetFileName(path)!).Where(IsLeft))
            Tool.TryRun("ip", $"link del {bridge}");
    }

    private static bool IsLeft(string name)
        => name.StartsWith(Prefix, StringComparison.Ordinal)
            && int.TryParse([.. name.Skip(Prefix.Length).TakeWhile(char.IsAsciiDigit)], NumberStyles.None, CultureInfo.InvariantCulture, out var owner) && !Directory.Exists($"/proc/{owner}");

    private static string? FindMissing()
    {
        if (!OperatingSystem.IsLinux() || !Environment.IsPrivilegedProcess)
            return "needs root, to make network namespaces";
        var name = $"{Prefix}{Environment.ProcessId}p";
        try
        {
            if (Tool.TryRun("ip", $"netns add {name}") is { } problem)
                return "needs network namespaces: " + problem;
            return Tool.TryRun("ip", $"-n {name} link add br0 type bridge") is { } noBridge ? "needs network bridges: " + noBridge : null;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return "needs the ip program (iproute2)";
        }
        finally
        {
            if (File.Exists("/run/netns/" + name))
                Tool.TryRun("ip", $"netns del {name}");
        }
    }
}
