using System.Collections.Immutable;

namespace Flotilla.Cluster.Core;

/// <summary>
/// What a node noted by its own clock while commands came to it: times only, and what it saw of servers whose nodes are gone. Nothing of it is needed to be right, only to be in time;
/// every node keeps it, so whoever comes to coordinate has it.
/// </summary>
public sealed record CoordinatorNotes
{
    internal static ImmutableSortedDictionary<ServerName, long> None => ImmutableSortedDictionary<ServerName, long>.Empty;

    /// <summary>When this node got the state: nothing before is known.</summary>
    public long StateSinceNs { get; init; }

    /// <summary>When the last keep-alive of the epoch came, or the epoch itself.</summary>
    public long KeepAliveNs { get; init; }

    /// <summary>When the plan came to its phase.</summary>
    public long PhaseSinceNs { get; init; }

    /// <summary>When the candidate was last seen to go on.</summary>
    public long ProgressNs { get; init; }

    /// <summary>When a failover last came to its end; null when this node saw none.</summary>
    public long? FailoverNs { get; init; }

    public long OrderSinceNs { get; init; }

    /// <summary>Since when nodes with servers have been out of the view.</summary>
    public ImmutableSortedDictionary<NodeName, long> GoneSinceNs { get; init; } = ImmutableSortedDictionary<NodeName, long>.Empty;

    /// <summary>Since when ackers have received nothing.</summary>
    public ImmutableSortedDictionary<ServerName, long> SilentSinceNs { get; init; } = ImmutableSortedDictionary<ServerName, long>.Empty;

    /// <summary>What this node saw of servers whose nodes are gone, and when the look began.</summary>
    public ImmutableSortedDictionary<ServerName, RemoteLook> Remote { get; init; } = ImmutableSortedDictionary<ServerName, RemoteLook>.Empty;
}
