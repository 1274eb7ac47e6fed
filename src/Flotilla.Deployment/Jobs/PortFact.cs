namespace Flotilla.Deployment;

/// <summary>A port and who holds it; null when it is free.</summary>
public sealed record PortFact
{
    public required int Port { get; init; }

    public string? Holder { get; init; }
}
