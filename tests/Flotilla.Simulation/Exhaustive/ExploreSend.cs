using Flotilla.Groups.Core;

namespace Flotilla.Simulation.Exhaustive;

/// <summary>A message that one of the nodes sends.</summary>
public readonly record struct ExploreSend(int Node, Delivery Delivery);
