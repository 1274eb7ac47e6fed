using System.Net;

namespace Flotilla.Node;

/// <summary>The host's worker, which makes sandboxes and deployments when jobs ask for them: <c>flotilla node</c> only. Immutable.</summary>
public sealed record HostWorkerRole
{
    /// <summary>Job servers it works for, as <c>host:port</c>. Default: this node's own.</summary>
    public IReadOnlyList<string> JobServers { get; init; } = [];

    /// <summary>A file with the secret of those job servers. Default none.</summary>
    public string? SecretFile { get; init; }

    /// <summary>IP address where servers made here listen and where other hosts reach them. Default: the one where the node listens for other nodes.</summary>
    public string? Address { get; init; }

    /// <summary>Folder of the sandboxes. Default: that of <c>flotilla sandbox</c>.</summary>
    public string? Root { get; init; }

    /// <summary>Folders of database servers. Default: whatever is on the path.</summary>
    public IReadOnlyList<string> Basedirs { get; init; } = [];

    /// <summary>All that is wrong with these options; empty when nothing is.</summary>
    public IReadOnlyList<string> Validate() => Address is null || IPAddress.TryParse(Address, out _) ? [] : [$"address: '{Address}' is no IP address"];
}
