using Flotilla.Groups.Core;

namespace Flotilla.Simulation.Groups;

/// <summary>A command of the application: on its way, or put off.</summary>
internal sealed class SimCommand
{
    public required TraceOperation Operation { get; init; }

    public GroupCommand? Command { get; init; }

    public string? Group { get; init; }

    public ulong Message { get; init; }

    /// <summary>For locks: the name.</summary>
    public string? Name { get; init; }

    /// <summary>For queries: the members that were asked, once known; for flushes how many it takes.</summary>
    public ulong Number { get; set; }

    public bool AsksAll { get; init; }

    public SimCheckpoint? Checkpoint { get; init; }
}
