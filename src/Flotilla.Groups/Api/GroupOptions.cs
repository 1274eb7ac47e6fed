using System.Collections.Immutable;
using System.Net;
using Flotilla.Groups.Core;
using Flotilla.Groups.Discovery;
using Flotilla.Groups.Storage;
using Flotilla.Groups.Transport;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Flotilla.Groups;

/// <summary>How a node is, where it listens and whom it looks for.</summary>
public sealed record GroupOptions
{
    /// <summary>For people; unique in the cluster, 1 to 64 characters.</summary>
    public required string Name { get; init; }

    /// <summary>Where other nodes and clients connect. Default: loopback, any free port. Beyond loopback a secret or certificates are needed, or <see cref="AllowUnsecured"/>.</summary>
    public IPEndPoint Listen { get; init; } = new(IPAddress.Loopback, 0);

    /// <summary>What others connect to, as <c>host:port</c>, where it differs from <see cref="Listen"/>; empty (default) where it does not.</summary>
    public string Address { get; init; } = "";

    /// <summary>Addresses of other nodes, as <c>host:port</c>; this node's own may be among them. Those of the first start, all of them, found the cluster.</summary>
    public ImmutableArray<string> Seeds { get; init; } = [];

    /// <summary>Finds nodes otherwise than by <see cref="Seeds"/>; null (default) for none. With it a cluster is founded <see cref="Founding.Alone"/> or joined.</summary>
    public INodeDiscovery? Discovery { get; init; }

    public Founding Founding { get; init; }

    /// <summary>The node's folder: who it is, what it promised, its log. Null (default): it keeps nothing and is another node after every start, so use it in tests and for observers only.</summary>
    public string? DataDirectory { get; init; }

    /// <summary>What all nodes and clients know and nobody else; at least 16 characters. Null (default) for none.</summary>
    public string? Secret { get; init; }

    /// <summary>Certificates on both sides of every connection; null (default) for none.</summary>
    public GroupTls? Tls { get; init; }

    /// <summary>Listens beyond loopback without secret and certificates. Default false.</summary>
    public bool AllowUnsecured { get; init; }

    /// <summary>The types of messages this program sends and handles.</summary>
    public MessageCatalog Messages { get; init; } = new();

    /// <summary>Receives everything, decides nothing: for components that may hang without harm to the others. Default false.</summary>
    public bool NeverVotes { get; init; }

    /// <summary>Weight of this node's vote, 1 to 100. Default 1. Of two nodes the heavier goes on alone.</summary>
    public int Weight { get; init; } = 1;

    /// <summary>
    /// Asked when exactly half of the votes are silent, as when one of two nodes is: may this half go on? Say true only when nobody else can: a witness granted
    /// that epoch to the nodes of <see cref="TieBreak.Here"/>, once, and remembers it on disk; or the silent ones were fenced. The answer counts for that half only.
    /// Null (default): it stops. Asked again while the tie lasts and the answer was no.
    /// </summary>
    public Func<TieBreak, Task<bool>>? OnTie { get; init; }

    /// <summary>Most voters, 1 to 15. Default 5.</summary>
    public int MaxVoters { get; init; } = 5;

    /// <summary>Silence after which a member is suspected. Default 600 ms. Shorter finds failures sooner, and takes pauses for failures.</summary>
    public TimeSpan SuspectAfter { get; init; } = TimeSpan.FromMilliseconds(600);

    /// <summary>Length of the primary lease. Default 1 s: how long the others wait before they act without a member that is silent, not known to be dead.</summary>
    public TimeSpan Lease { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Whether the others wait for the lease of a member whose process seems dead too: its connection was reset, and a new one refused. Default false: they act at
    /// once, up to <see cref="Lease"/> sooner. True where something between the nodes (a firewall, a proxy) may answer so for a process that lives. The same at all nodes.
    /// </summary>
    public bool AlwaysWaitsForLeases { get; init; }

    /// <summary>Longest message, in bytes. Default 16 MiB.</summary>
    public int MaxMessageBytes { get; init; } = 16 << 20;

    /// <summary>Whether messages are kept on disk; without, nothing is durable. Promises and views are in any case. Default true.</summary>
    public bool LogOnDisk { get; init; } = true;

    /// <summary>
    /// Bytes that may wait for the handlers of one group, each message counted with 200 more than it has (so the default is at most 671,000 of them). Beyond, the node leaves
    /// the group, the others go on, and it joins again when all is worked off. At least 1 MiB; default 128 MiB: a newcomer may get 64 MiB at once that were held back
    /// while its state came.
    /// </summary>
    public long HandlerBacklogBytes { get; init; } = 128L << 20;

    public StorageOptions Storage { get; init; } = new();

    public ILogger Logger { get; init; } = NullLogger.Instance;
}
