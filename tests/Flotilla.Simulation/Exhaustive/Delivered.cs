using Flotilla.Groups.Core;

namespace Flotilla.Simulation.Exhaustive;

/// <summary>A message that a life of a node delivered.</summary>
internal readonly record struct Delivered(ulong Epoch, ulong Sequence, ulong Message, Delivery Delivery);
