namespace Flotilla.Deployment;

/// <summary>What <c>fetch_tarball</c> brought.</summary>
public sealed record FetchedTarball
{
    public required string File { get; init; }

    public required long SizeBytes { get; init; }

    public required ServerFact Server { get; init; }
}
