using System.Collections.Immutable;

namespace Flotilla.Cluster.Core.Actions;

/// <summary>Unlocks the accounts of those, locks all others' and ends their connections.</summary>
public sealed record AllowReplicas(ImmutableArray<ServerName> Allowed) : ServerAction;
