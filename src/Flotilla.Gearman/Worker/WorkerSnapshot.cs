namespace Flotilla.Gearman;

/// <summary>What a worker is doing at one moment.</summary>
/// <param name="Running">Handlers under way.</param>
/// <param name="ConnectedServers">Servers that have taken the worker's abilities and may give it jobs.</param>
/// <param name="Completed">Results and failures sent since the start.</param>
/// <param name="Lost">Jobs lost since the start.</param>
/// <param name="IsDraining">True when no more jobs are taken.</param>
public readonly record struct WorkerSnapshot(int Running, int ConnectedServers, long Completed, long Lost, bool IsDraining);
