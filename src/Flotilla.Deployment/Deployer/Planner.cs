using System.Net;
using System.Security.Cryptography;
using Flotilla.Sandbox;

namespace Flotilla.Deployment;

/// <summary>Decides from what hosts say of themselves what will be done, and refuses what can't be, with every reason at once. Asks nobody.</summary>
internal static class Planner
{
    /// <summary>As the workers want it.</summary>
    private const long BytesPerServer = HostProbe.BytesMin;

    /// <summary>What fits into sockaddr_un with its closing zero.</summary>
    private const int SocketPathMax = 107;

    private const string IdLetters = "abcdefghijklmnopqrstuvwxyz0123456789";

    /// <summary>The server of all hosts, and the tarball for those that lack it.</summary>
    /// <exception cref="DeploymentException">There is none.</exception>
    public static (string Version, TarballChoice? Tarball) Choose(ReplicationSpec spec, IReadOnlyDictionary<string, HostFacts> hosts)
    {
        if (spec.Tarball is { } file)
        {
            if (!ServerVersion.TryParse(file, out var version))
                throw new DeploymentException(DeploymentProblem.BadRequest, $"the name of the tarball {file} tells no version");
            var owner = hosts.Values.FirstOrDefault(host => host.Tarballs.Any(one => one.File == file && one.Sha256 == spec.TarballSha256));
            return (ServerText.Of(file.Contains("mariadb", StringComparison.OrdinalIgnoreCase), version), new TarballChoice { File = file, Sha256 = spec.TarballSha256!, From = owner?.Host });
        }

        var common = hosts.Values.Select(host => Wanted(spec, host).ToHashSet()).Aggregate((one, other) => [.. one.Intersect(other)]);
        if (common.Count > 0)
            return (ServerText.Of(common.Max().IsMariaDb, common.Max().Version), null);
        var offered = hosts.Values.SelectMany(host => host.Tarballs.Select(tarball => (host.Host, tarball.File, tarball.Sha256)))
            .Where(one => spec.Version is null || TarballName.Matches(one.File, spec.Version))
            .FirstOrDefault(one => hosts.Values.All(host => TarballName.WhyNotFor(host.Architecture, one.File) is null) && ServerVersion.TryParse(one.File, out _));
        if (offered.File is not null)
        {
            var isMariaDb = offered.File.Contains("mariadb", StringComparison.OrdinalIgnoreCase);
            return (ServerText.Of(isMariaDb, ServerVersion.Parse(offered.File)), new TarballChoice { File = offered.File, Sha256 = offered.Sha256, From = offered.Host });
        }

        var told = hosts.Values.Select(host => host.Servers.Count > 0
            ? $"{host.Host} has {string.Join(", ", host.Servers.Select(ServerText.Of).Distinct(StringComparer.Ordinal))}"
            : $"{host.Host} lacks {string.Join("; ", host.Missing.DefaultIfEmpty("a database server"))}");
        throw new DeploymentException(
            DeploymentProblem.Missing,
            $"{(spec.Version is { } version1 ? $"server {version1} is not on all hosts" : "the hosts have no server in common")}: {string.Join("; ", told)}. Install it there, or give --tarball FILE --sha256 DIGEST");
    }

    /// <summary>Servers that share an address with one before them get the next port.</summary>
    public static IReadOnlyList<int> OffsetsOf(IReadOnlyList<HostFacts> nodes)
        => [.. nodes.Select((node, at) => nodes.Take(at).Count(other => other.Address == node.Address))];

    /// <summary>All that keeps a plan from being carried out; empty when nothing does.</summary>
    public static IReadOnlyList<string> Conflicts(DeploymentJournal plan, IReadOnlyDictionary<string, HostFacts> hosts)
    {
        var problems = new List<string>();
        foreach (var node in plan.Nodes)
        {
            var host = hosts[node.Host];
            if (host.Ports.FirstOrDefault(one => one.Port == node.Port)?.Holder is { } holder)
                problems.Add($"{node.Host}: port {node.Port} is taken by {holder}");
            if (host.Sandboxes.FirstOrDefault(one => one.Name == node.Sandbox) is { } there)
                problems.Add($"{node.Host}: there is a sandbox {node.Sandbox} in {host.Root} already ({there.State}); choose another --name, or remove it");
            var socket = Path.Combine(host.Root, node.Sandbox, "mysql.sock");
            if (System.Text.Encoding.UTF8.GetByteCount(socket) > SocketPathMax)
                problems.Add($"{node.Host}: the path of the socket would be too long for the system ({socket}); take a shorter --name, or a shorter root folder there");
            if (node.NeedsTarball && TarballName.WhyNotFor(host.Architecture, plan.Tarball!.File) is { } wrong)
                problems.Add($"{node.Host}: {wrong}");
            if (!node.NeedsTarball && !host.Functions.Contains(HostFunctions.MakeSandbox, StringComparer.Ordinal))
                problems.Add($"{node.Host}: it can't make servers, because it lacks {string.Join("; ", host.Missing.DefaultIfEmpty("what it takes"))}");
            if (node.NeedsTarball && !host.Functions.Contains(HostFunctions.FetchTarball, StringComparer.Ordinal))
                problems.Add($"{node.Host}: it has no {plan.Version} and can't take a tarball, because it lacks {string.Join("; ", host.Missing.DefaultIfEmpty("what it takes"))}");
        }

        foreach (var (name, host) in hosts)
        {
            var needed = BytesPerServer * plan.Nodes.Count(node => node.Host == name);
            if (host.FreeBytes < needed)
                problems.Add($"{name}: the disk of {host.Root} has {host.FreeBytes >> 20} MiB left; {needed >> 20} MiB are needed");
        }

        var local = hosts.Values.Where(host => IPAddress.TryParse(host.Address, out var address) && IPAddress.IsLoopback(address)).Select(host => host.Host).ToList();
        if (local.Count > 0 && local.Count < hosts.Count)
            problems.Add($"{string.Join(", ", local)}: says that it is reached at an address of loopback, which other hosts can't; start its worker with --address");
        return [.. problems.Distinct(StringComparer.Ordinal)];
    }

    public static DeploymentJournal Write(
        ReplicationSpec spec, IReadOnlyList<HostFacts> nodes, string version, TarballChoice? tarball, int port, IReadOnlyList<string> jobServers, DateTimeOffset now)
    {
        var parsed = ServerVersion.Parse(version);
        var name = spec.Name ?? $"replication_{version.Replace(' ', '_').Replace('.', '_')}";
        var offsets = OffsetsOf(nodes);
        var isLocal = nodes.All(node => IPAddress.TryParse(node.Address, out var address) && IPAddress.IsLoopback(address));
        return new DeploymentJournal
        {
            Id = RandomNumberGenerator.GetString(IdLetters, 24),
            Name = name,
            Created = now,
            Version = version,
            UseGtid = spec.UseGtid,
            SemiSync = spec.SemiSync,
            RemoteAccess = spec.RemoteAccess ?? (isLocal ? "127.%" : "%"),
            Options = spec.Options,
            Tarball = tarball,
            JobServers = jobServers,
            Nodes = [.. nodes.Select((host, at) => new DeployedNode
            {
                Name = at == 0 ? "master" : $"node{at}",
                Host = host.Host,
                Address = host.Address,
                Port = port + offsets[at],
                ServerId = (uint)((port * 100) + at + 1),
                Role = at == 0 ? SandboxRole.Primary : SandboxRole.Replica,
                Sandbox = $"{name}_{(at == 0 ? "master" : $"node{at}")}",
                NeedsTarball = tarball is not null && !host.Servers.Any(server => ServerText.Of(server) == ServerText.Of(version.StartsWith("mariadb", StringComparison.Ordinal), parsed)),
            })],
        };
    }

    /// <summary>What will be done, in the words it is told in when it is done.</summary>
    public static IReadOnlyList<string> Steps(DeploymentJournal journal)
    {
        var steps = new List<string>();
        foreach (var host in journal.Nodes.Where(node => node.NeedsTarball).Select(node => node.Host).Distinct(StringComparer.Ordinal))
            steps.Add(FetchText(journal, host));
        steps.AddRange(journal.Nodes.Select((node, at) => InstallText(node, at)));
        steps.AddRange(journal.Nodes.Select((node, at) => (Node: node, At: at)).Skip(1).Select(one => InitializeText(one.Node, one.At)));
        steps.Add(CheckText);
        return steps;
    }

    public const string CheckText = "checking that all servers run and replicate";

    public static string FetchText(DeploymentJournal journal, string host)
        => $"fetching {journal.Tarball!.File} to {host} from {journal.Tarball.From ?? "the web"}";

    public static string InstallText(DeployedNode node, int at) => $"installing {node.Title(at)} ({node.Host}, {node.Address}:{node.Port})";

    public static string InitializeText(DeployedNode node, int at) => $"initializing {node.Title(at)} ({node.Host})";

    private static IEnumerable<(bool IsMariaDb, ServerVersion Version)> Wanted(ReplicationSpec spec, HostFacts host)
        => host.Servers.Select(server => (server.IsMariaDb, Version: ServerVersion.Parse(server.Version)))
            .Where(one => spec.Version is null || ServerText.Matches(one.IsMariaDb, one.Version, spec.Version));
}
