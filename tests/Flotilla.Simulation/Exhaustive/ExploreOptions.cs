using System.Collections.Immutable;
using Flotilla.Groups.Core;

namespace Flotilla.Simulation.Exhaustive;

/// <summary>The bounds of an exploration. Everything within them is tried.</summary>
public sealed record ExploreOptions
{
    /// <summary>Messages sent, each once, at any time while its sender runs: by which node, in which class.</summary>
    public ImmutableArray<ExploreSend> Sends { get; init; } = [new(1, Delivery.Ordered), new(2, Delivery.Safe)];

    /// <summary>How many processes are killed, any at any time, each with any part of its unwritten records lost.</summary>
    public int Crashes { get; init; } = 1;

    /// <summary>How many killed processes begin again, at any time after.</summary>
    public int Restarts { get; init; } = 1;

    /// <summary>A process takes longer to begin again than frames to arrive: it does when nothing is under way.</summary>
    public bool RestartsLate { get; init; }

    /// <summary>Ticks that each node may take, at any time after a crash: before it nothing waits for one.</summary>
    public int Ticks { get; init; } = 1;

    /// <summary>Frames may arrive again and again. Otherwise each arrives once or never.</summary>
    public bool RepeatsFrames { get; init; }

    /// <summary>Frames of one connection keep their order, as over TCP while it lasts. Otherwise they overtake each other at will.</summary>
    public bool OrdersFrames { get; init; }

    /// <summary>All messages are sent before anything else happens: they are under way, then, when it does.</summary>
    public bool SendsFirst { get; init; }

    /// <summary>Frames that are lost though their connection lasts. Without an order any may be: it is never taken.</summary>
    public int Drops { get; init; }

    /// <summary>Records are flushed within the step that persists them: fewer states, and no crash before a flush.</summary>
    public bool FlushesAtOnce { get; init; }

    /// <summary>The name of a bug to put in; only where the core was compiled with them.</summary>
    public string? PlantedBug { get; init; }

    /// <summary>Gives up beyond; the result says so.</summary>
    public long StatesMax { get; init; } = 50_000_000;
}
