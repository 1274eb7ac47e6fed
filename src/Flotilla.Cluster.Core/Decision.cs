namespace Flotilla.Cluster.Core;

/// <summary>One line of the history.</summary>
public sealed record Decision
{
    public required ulong Number { get; init; }

    /// <summary>By the clock of the node that decided, in milliseconds since 1970; for people only.</summary>
    public required long AtMs { get; init; }

    public required ulong Epoch { get; init; }

    /// <summary>What was decided, in words.</summary>
    public required string What { get; init; }

    public required string Why { get; init; }

    /// <summary>What was known of each server then.</summary>
    public required string Seen { get; init; }
}
