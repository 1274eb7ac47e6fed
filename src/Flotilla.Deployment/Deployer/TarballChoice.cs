namespace Flotilla.Deployment;

/// <summary>The tarball that hosts without the server get.</summary>
public sealed record TarballChoice
{
    public required string File { get; init; }

    public required string Sha256 { get; init; }

    /// <summary>The host that has it; null: each host's configured URL.</summary>
    public string? From { get; init; }
}
