using Flotilla.Sandbox;

namespace Flotilla.Deployment;

/// <summary>A server on a host and how it is: result of most functions about sandboxes.</summary>
public sealed record SandboxFact
{
    public required string Name { get; init; }

    /// <summary>made, planned, removing; or absent.</summary>
    public required string State { get; init; }

    public int? Port { get; init; }

    public int? ProcessId { get; init; }

    public bool Answers { get; init; }

    public SandboxRole Role { get; init; }

    /// <summary>Yes/Yes and the like, one per connection of a replica.</summary>
    public IReadOnlyList<string> Replication { get; init => field = value ?? []; } = [];

    /// <summary>What is wrong; null when nothing is.</summary>
    public string? Problem { get; init; }
}
