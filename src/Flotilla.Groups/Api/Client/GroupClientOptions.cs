using System.Collections.Immutable;
using Flotilla.Groups.Transport;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Flotilla.Groups;

/// <summary>Where a client finds nodes, and what it shares with them.</summary>
public sealed record GroupClientOptions
{
    /// <summary>Addresses of nodes, as <c>host:port</c>; one is enough, it names the others.</summary>
    public required ImmutableArray<string> Nodes { get; init; }

    public string Name { get; init; } = "client";

    /// <summary>As in <see cref="GroupOptions.Secret"/>.</summary>
    public string? Secret { get; init; }

    /// <summary>As in <see cref="GroupOptions.Tls"/>.</summary>
    public GroupTls? Tls { get; init; }

    public MessageCatalog Messages { get; init; } = new();

    /// <summary>Between two attempts to find a node. Default 100 ms.</summary>
    public TimeSpan RetryAfter { get; init; } = TimeSpan.FromMilliseconds(100);

    public ILogger Logger { get; init; } = NullLogger.Instance;
}
