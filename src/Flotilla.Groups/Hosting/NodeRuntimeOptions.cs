using System.Net;
using Flotilla.Groups.Core;
using Flotilla.Groups.Discovery;
using Flotilla.Groups.Storage;
using Flotilla.Groups.Transport;
using Flotilla.Sockets;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Flotilla.Groups.Hosting;

/// <summary>What a node needs besides what its machine is told.</summary>
internal sealed record NodeRuntimeOptions
{
    /// <summary>The machine's options. An empty address is replaced by where the node listens, a zero seed by true randomness.</summary>
    public required NodeOptions Node { get; init; }

    /// <summary>Where other nodes and clients connect; port 0 for any free one.</summary>
    public required IPEndPoint Listen { get; init; }

    /// <summary>Whom to connect to besides the members of the view.</summary>
    public INodeDiscovery Discovery { get; init; } = new HostListDiscovery([]);

    /// <summary>The node's folder; null for a node that keeps nothing and is another one after every start.</summary>
    public string? DataDirectory { get; init; }

    public StorageOptions Storage { get; init; } = new();

    public TransportOptions Transport { get; init; } = new();

    public SocketLoopKind LoopKind { get; init; }

    public ILogger Logger { get; init; } = NullLogger.Instance;

    /// <summary>Says everything that is wrong, at once; empty when nothing is.</summary>
    public IReadOnlyList<string> Validate() => [.. Transport.Validate(Listen), .. Storage.Validate()];
}
