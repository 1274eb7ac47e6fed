using System.Collections.Immutable;

namespace Flotilla.Cluster.Core.Commands;

/// <summary>Who shall be primary.</summary>
public sealed record ChooseCandidate(ulong Plan, ServerName Candidate, ServerName? Source, ReplicationPosition Target, ImmutableArray<ServerName> Missing, string Why) : ClusterCommand;
