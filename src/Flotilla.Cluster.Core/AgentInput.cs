namespace Flotilla.Cluster.Core;

/// <summary>Something that happened to a node.</summary>
/// <param name="NowNs">The machine's clock that goes on while it sleeps; never less than in the input before.</param>
public abstract record AgentInput(long NowNs)
{
    /// <summary>Milliseconds since 1970; for people only.</summary>
    public long AtMs { get; init; }
}
