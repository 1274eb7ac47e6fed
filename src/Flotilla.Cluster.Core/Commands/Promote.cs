using System.Collections.Immutable;

namespace Flotilla.Cluster.Core.Commands;

/// <summary>The candidate is primary of the plan's epoch from here on, and may have a lease.</summary>
public sealed record Promote(ulong Plan, ImmutableArray<ServerName> Ackers) : ClusterCommand;
