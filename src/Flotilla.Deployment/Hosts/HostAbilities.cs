using Flotilla.Sandbox;

namespace Flotilla.Deployment;

/// <summary>What a host was found to be able to do.</summary>
public sealed record HostAbilities
{
    /// <summary>The servers it can run, the newest first.</summary>
    public required IReadOnlyList<ServerInstallation> Servers { get; init; }

    /// <summary>What is not there, in sentences; empty when nothing is missing.</summary>
    public required IReadOnlyList<string> Missing { get; init; }

    public required long FreeBytes { get; init; }

    /// <summary>It can make servers.</summary>
    public required bool CanMake { get; init; }

    /// <summary>It can take and unpack tarballs.</summary>
    public required bool CanFetch { get; init; }
}
