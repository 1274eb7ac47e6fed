using System.Globalization;
using System.Net;
using Flotilla.Cluster.Core;
using Flotilla.Cluster.Lines;
using Flotilla.Cluster.Servers;
using Flotilla.Groups;
using Flotilla.Groups.Transport;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Flotilla.Cluster.Hosting;

/// <summary>Everything a <see cref="ClusterNode"/> is told once.</summary>
public sealed record ClusterNodeOptions
{
    /// <summary>Where nodes connect to one another.</summary>
    public const int DefaultPort = 4740;

    private const int SecretCharactersMin = 16;

    /// <summary>This node's name, unique in the cluster. Default: the host's.</summary>
    public NodeName Node { get; init; } = default;

    /// <summary>What the cluster is called where it is shown. Default <c>cluster</c>.</summary>
    public string Name { get; init; } = "cluster";

    /// <summary>Where programs of this host announce servers that the cluster does not drive, by lines. Loopback; default 127.0.0.1:2200; null for nowhere.</summary>
    public IPEndPoint? Lines { get; init; } = new(IPAddress.Loopback, LineProtocolServer.DefaultPort);

    /// <summary>Where the other nodes connect. Default 127.0.0.1:4740; port 0 takes a free one.</summary>
    public IPEndPoint Listen { get; init; } = new(IPAddress.Loopback, DefaultPort);

    /// <summary>What others connect to, as <c>host:port</c>, where it differs from <see cref="Listen"/>; empty (default) where it does not.</summary>
    public string Address { get; init; } = "";

    /// <summary>Addresses of the nodes, as <c>host:port</c>; this node's own may be among them. Those of the first start, all of them, found the cluster.</summary>
    public IReadOnlyList<string> Nodes { get; init; } = [];

    /// <summary>Whether it founds a cluster. Default: with those of <see cref="Nodes"/>.</summary>
    public Founding Founding { get; init; }

    /// <summary>The node's folder: who it is, what the cluster agreed on, what was saved of servers that had too much. Absolute, default /var/lib/flotilla/node. Never copy it.</summary>
    public string DataFolder { get; init; } = "/var/lib/flotilla/node";

    /// <summary>
    /// What all nodes know and nobody else, at least 16 characters: nodes prove it to one another, and the passwords of the servers' accounts come from it. Prefer <see cref="SecretFile"/>: a file
    /// can be read by one user only.
    /// </summary>
    public string? Secret { get; init; }

    /// <summary>A file whose first line is the secret.</summary>
    public string? SecretFile { get; init; }

    /// <summary>Certificates on both sides of every connection between nodes; null (default) for none.</summary>
    public GroupTls? Tls { get; init; }

    /// <summary>The servers of this host; none for a node that only votes.</summary>
    public IReadOnlyList<NodeServerOptions> Servers { get; init; } = [];

    /// <summary>The policy that a cluster begins with; later it changes by an order, not by this.</summary>
    public ClusterPolicy Policy { get; init; } = new();

    /// <summary>Runs before a server of this node becomes writable. When it fails, another one is made primary. Default none.</summary>
    public HookOptions? BeforePromotion { get; init; }

    /// <summary>Runs after a server of this node became primary. Default none.</summary>
    public HookOptions? AfterPromotion { get; init; }

    /// <summary>
    /// A server's lease: how long a primary outlives its node, and how long the others wait for the end of one that is cut off. Default 2 s, 1.5 s to 1 minute. Another one counts from the next epoch on. Below the
    /// pause that the group makes for a lost member (1.2 s) a healthy primary would be killed.
    /// </summary>
    public TimeSpan Lease { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// What becomes of this host's primary when the node is told to stop: another server becomes primary first, by a switchover, if one is ready (switchover, default), or it waits for the node as long
    /// as <see cref="Lease"/> (stay): a node that takes longer to come back, as most do, or whose servers stop with it, costs a failover then.
    /// </summary>
    public PrimaryOnStop OnStop { get; init; }

    /// <summary>A primary that answered once and has not for so long hangs, and is killed. Default 2 s, 500 ms to 10 minutes. Shorter takes a slow disk for a hang.</summary>
    public TimeSpan HangAfter { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>The same for a replica. Default 10 s.</summary>
    public TimeSpan ReplicaHangAfter { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long actions on servers may take.</summary>
    public ServerLimits Limits { get; init; } = new();

    public ILogger Logger { get; init; } = NullLogger.Instance;

    /// <summary>Runs a job of a function with a workload, to its end: for hooks that are jobs. Default none.</summary>
    public Func<string, ReadOnlyMemory<byte>, CancellationToken, Task>? RunJob { get; init; }

    /// <summary>As <see cref="AgentOptions.Level"/>: a node of an older program, for tests of upgrades.</summary>
    internal int Level { get; init; } = ClusterState.LevelKnown;

    internal NodeName EffectiveNode => Node.ToString().Length > 0 ? Node : NodeName.OfHost(Environment.MachineName);

    /// <summary>The secret itself, read from its file if it is in one.</summary>
    /// <exception cref="IOException">The file can't be read, or holds none.</exception>
    internal string ReadSecret()
    {
        if (SecretFile is null)
            return Secret!;
        var secret = File.ReadLines(SecretFile).FirstOrDefault("").Trim();
        return secret.Length >= SecretCharactersMin ? secret : throw new IOException($"{SecretFile} begins with no secret of at least {SecretCharactersMin} characters");
    }

    /// <summary>All that is wrong; empty when nothing is.</summary>
    public IReadOnlyList<string> Validate()
    {
        List<string> problems = [];
        if (Lines is not null && !IPAddress.IsLoopback(Lines.Address))
            problems.Add($"lines: {Lines} is not loopback, and the protocol knows neither secrets nor encryption");
        if (!Path.IsPathFullyQualified(DataFolder))
            problems.Add("dataFolder: must be an absolute path");
        if (SecretFile is null && (Secret is null || Secret.Length < SecretCharactersMin))
            problems.Add($"secret: less than {SecretCharactersMin} characters, and no secretFile");
        if (Secret is not null && SecretFile is not null)
            problems.Add("secret and secretFile exclude each other");
        if (Nodes.FirstOrDefault(node => !IsAddress(node)) is { } wrong)
            problems.Add($"nodes: '{wrong}' is not host:port");
        Between("lease", Lease, TimeSpan.FromSeconds(1.5), TimeSpan.FromMinutes(1));
        Between("hangAfter", HangAfter, TimeSpan.FromMilliseconds(500), TimeSpan.FromMinutes(10));
        Between("replicaHangAfter", ReplicaHangAfter, TimeSpan.FromMilliseconds(500), TimeSpan.FromHours(1));
        if (Policy.FlapWindowSeconds < 0)
            problems.Add("policy: the flap window is below zero");
        Add("tls", Tls?.Validate() ?? []);
        Add("limits", Limits.Problems());
        Add("beforePromotion", BeforePromotion?.Validate() ?? []);
        Add("afterPromotion", AfterPromotion?.Validate() ?? []);
        foreach (var server in Servers)
            Add($"servers: {server.Name}", server.Validate());
        if (Nodes.Count > 1 && !IPAddress.IsLoopback(Listen.Address))
            problems.AddRange(Servers.Where(server => IsThisHostOnly(server.Host)).Select(server => $"servers: {server.Name}: host: the nodes are on several hosts, and {server.Host} is this one only"));
        Unique("name", Servers.Select(server => server.Name.ToString()));
        Unique("serverId", Servers.Select(server => $"{server.ServerId}"));
        Unique("folder", Servers.Select(server => server.Folder));
        return problems;

        void Add(string section, IReadOnlyList<string> found) => problems.AddRange(found.Select(problem => $"{section}: {problem}"));

        void Between(string name, TimeSpan value, TimeSpan least, TimeSpan most)
        {
            if (value < least || value > most)
                problems.Add($"{name}: {value} is not in {least} to {most}");
        }

        static bool IsThisHostOnly(string host) => host == "localhost" || (IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(address));

        static bool IsAddress(string text) => text.LastIndexOf(':') is > 0 and var colon && int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is > 0 and <= IPEndPoint.MaxPort;

        void Unique(string what, IEnumerable<string> values)
        {
            foreach (var value in values.CountBy(value => value).Where(one => one.Value > 1))
                problems.Add($"servers: two have the {what} {value.Key}");
        }
    }
}
