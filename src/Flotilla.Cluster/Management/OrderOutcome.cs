using System.Collections.Immutable;
using Flotilla.Cluster.Core;

namespace Flotilla.Cluster.Management;

/// <summary>What became of an order.</summary>
/// <param name="IsDone">There is a new primary, the one that was wished for.</param>
/// <param name="IsOpen">It is still under way.</param>
/// <param name="Decisions">What was decided since it was given, oldest first.</param>
public sealed record OrderOutcome(bool IsDone, bool IsOpen, ImmutableArray<Decision> Decisions);
