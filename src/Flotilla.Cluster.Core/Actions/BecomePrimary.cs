using System.Collections.Immutable;

namespace Flotilla.Cluster.Core.Actions;

/// <summary>Still read-only: drops its source, lets those replicas in and locks out all others, and waits for acknowledgements, or not.</summary>
public sealed record BecomePrimary(ulong Epoch, ImmutableArray<ServerName> Allowed, bool Waits) : ServerAction;
