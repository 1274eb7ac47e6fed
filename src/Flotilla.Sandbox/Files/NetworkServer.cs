namespace Flotilla.Sandbox;

/// <summary>A server anywhere on the network, as the scripts of <see cref="NetworkGroup"/> reach it.</summary>
public sealed record NetworkServer
{
    /// <summary>master, node1, ...: the name of its folder.</summary>
    public required string Name { get; init; }

    public required string Host { get; init; }

    public required int Port { get; init; }

    /// <summary>Name of the server it replicates from; null for none.</summary>
    public string? Source { get; init; }
}
