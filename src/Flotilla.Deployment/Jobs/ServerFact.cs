namespace Flotilla.Deployment;

/// <summary>A database server that a host can run.</summary>
public sealed record ServerFact
{
    public required bool IsMariaDb { get; init; }

    public required string Version { get; init; }

    public required string Program { get; init; }
}
