namespace Flotilla.Deployment;

/// <summary>What a host is, has and lacks: result of <c>diagnose_host</c>.</summary>
public sealed record HostFacts
{
    public required string Host { get; init; }

    /// <summary>Where other hosts reach its servers.</summary>
    public required string Address { get; init; }

    /// <summary>As <c>linux</c>.</summary>
    public required string System { get; init; }

    /// <summary>As <c>x86_64</c> or <c>aarch64</c>.</summary>
    public required string Architecture { get; init; }

    public required int Processors { get; init; }

    /// <summary>Folder of its sandboxes.</summary>
    public required string Root { get; init; }

    /// <summary>Room on that folder's disk.</summary>
    public required long FreeBytes { get; init; }

    /// <summary>What it registered: bare names of functions.</summary>
    public required IReadOnlyList<string> Functions { get; init; }

    /// <summary>What is not there, and what that keeps it from.</summary>
    public required IReadOnlyList<string> Missing { get; init; }

    public required IReadOnlyList<ServerFact> Servers { get; init; }

    public required IReadOnlyList<TarballFact> Tarballs { get; init; }

    public required IReadOnlyList<SandboxFact> Sandboxes { get; init; }

    /// <summary>The ports asked about.</summary>
    public required IReadOnlyList<PortFact> Ports { get; init; }

    /// <summary>The end of the error log of the sandbox asked about.</summary>
    public IReadOnlyList<string> LogTail { get; init => field = value ?? []; } = [];
}
