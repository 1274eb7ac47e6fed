namespace Flotilla.Deployment;

/// <summary>A tarball that a host has.</summary>
public sealed record TarballFact
{
    public required string File { get; init; }

    public required long SizeBytes { get; init; }

    public required string Sha256 { get; init; }
}
