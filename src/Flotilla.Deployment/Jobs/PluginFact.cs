namespace Flotilla.Deployment;

/// <summary>A plugin of a server.</summary>
public sealed record PluginFact
{
    public required string Soname { get; init; }

    public required bool WasThere { get; init; }
}
