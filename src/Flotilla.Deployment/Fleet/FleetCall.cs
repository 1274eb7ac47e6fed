namespace Flotilla.Deployment;

/// <summary>A job for one host.</summary>
internal sealed record FleetCall
{
    public required HostName Host { get; init; }

    /// <summary>The bare name.</summary>
    public required string Function { get; init; }

    public required ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>Jobs with the same key are one job; empty for none.</summary>
    public string Unique { get; init; } = "";

    /// <summary>How long it may take in all.</summary>
    public required TimeSpan Patience { get; init; }

    /// <summary>Told what the worker tells of its steps.</summary>
    public Action<string>? Told { get; init; }
}
