namespace Flotilla.Simulation.Exhaustive;

/// <summary>What an input does to a node: its next state and the frames it sends.</summary>
internal sealed record LocalStep(int Next, (int To, int Frame)[] Sent, string? Defect);
