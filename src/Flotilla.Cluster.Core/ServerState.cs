namespace Flotilla.Cluster.Core;

/// <summary>A server, as all nodes know it.</summary>
public sealed record ServerState
{
    public required ServerSpec Spec { get; init; }

    /// <summary>The node that has it.</summary>
    public required NodeName Node { get; init; }

    /// <summary>People work on it: it is not made primary, need not acknowledge, and nobody starts or kills it.</summary>
    public bool IsInMaintenance { get; init; }

    /// <summary>A person wants it gone: it is forgotten once nobody counts on it.</summary>
    public bool IsLeaving { get; init; }

    /// <summary>A person wants it filled anew.</summary>
    public bool IsToBeProvisioned { get; init; }

    /// <summary>It was primary and has not followed another one since: at the end of its log may be what nobody acknowledged.</summary>
    public bool MayHaveTail { get; init; }

    public ServerReport Report { get; init; } = new() { Status = ServerStatus.Unknown };

    public ServerName Name => Spec.Name;
}
