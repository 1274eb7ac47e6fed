using System.Text.Json.Serialization;

namespace Flotilla.Sandbox;

/// <summary>One server of a sandbox, as decided when the sandbox was planned.</summary>
public sealed record SandboxNode
{
    /// <summary>master, node1, ...; of a single one the sandbox's name.</summary>
    public required string Name { get; init; }

    /// <summary>Its folder below the sandbox's; empty for a single one.</summary>
    public required string Folder { get; init; }

    public required int Port { get; init; }

    public required uint ServerId { get; init; }

    public required SandboxRole Role { get; init; }

    /// <summary>Names of the servers it replicates from.</summary>
    public IReadOnlyList<string> Sources { get; init; } = [];

    [JsonIgnore]
    public bool IsReplica => Sources.Count > 0 || Role == SandboxRole.Replica;
}
