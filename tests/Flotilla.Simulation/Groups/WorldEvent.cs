namespace Flotilla.Simulation.Groups;

/// <summary>Something due in a world: what, for whom, and what goes with it.</summary>
public readonly record struct WorldEvent(WorldEventKind Kind, int Node, int Other = 0, long Number = 0, object? Payload = null);
