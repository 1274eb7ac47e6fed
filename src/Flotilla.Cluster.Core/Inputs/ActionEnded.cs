namespace Flotilla.Cluster.Core.Inputs;

/// <summary>An action is over: null when it was done. <see cref="Compared"/> is what <see cref="Actions.Compare"/> found.</summary>
public sealed record ActionEnded(long NowNs, ServerName Server, ServerAction Action, string? Failure) : AgentInput(NowNs)
{
    public Comparison? Compared { get; init; }
}
