namespace Flotilla.Cluster.Core;

/// <summary>What a server's guard says.</summary>
public sealed record GuardStatus
{
    /// <summary>Which life of the server's process this is: grows by one with each start, however the node fares.</summary>
    public required ulong Start { get; init; }

    public required bool IsRunning { get; init; }

    /// <summary>The role its process was started in; null where the guard did not start it.</summary>
    public ServerRole? Role { get; init; }

    /// <summary>The epoch its deadline is of.</summary>
    public ulong Epoch { get; init; }

    /// <summary>When it kills the server, on the node's clock; null for never.</summary>
    public long? DeadlineNs { get; init; }

    /// <summary>Why the last process ended.</summary>
    public string Ended { get; init; } = "";
}
