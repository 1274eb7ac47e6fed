using System.Collections.Immutable;
using Flotilla.Groups.Core;

namespace Flotilla.Simulation.Exhaustive;

/// <summary>The bounds of an exploration. Everything within them is tried.</summary>
public sealed record ExploreOptions
{
    /// <summary>Messages sent, each once, at any time in its sender's first life: by which node, in which class.</summary>
    public ImmutableArray<ExploreSend> Sends { get; init; } = [new(1, Delivery.Ordered), new(2, Delivery.Safe)];

    /// <summary>All messages are sent before anything else happens: they are under way, then, when it does.</summary>
    public bool SendsFirst { get; init; }

    /// <summary>How many processes are killed, any at any time, each with any part of its unwritten records lost.</summary>
    public int Crashes { get; init; } = 1;

    /// <summary>How many killed processes begin again, and connect, when nothing is under way: that takes longer than frames take to arrive.</summary>
    public int Restarts { get; init; } = 1;

    /// <summary>
    /// Heartbeats, at most 3, that pass for all nodes alike, when nothing is under way. Ticks that take no time come whenever nothing is.
    /// </summary>
    public int Beats { get; init; } = 2;

    /// <summary>Frames that are lost though their connection lasts.</summary>
    public int Drops { get; init; }

    /// <summary>The name of a bug to put in; only where the core was compiled with them.</summary>
    public string? PlantedBug { get; init; }

    /// <summary>Gives up beyond; the result says so.</summary>
    public long StatesMax { get; init; } = 50_000_000;
}
