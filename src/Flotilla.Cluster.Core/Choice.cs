namespace Flotilla.Cluster.Core;

/// <summary>Who shall be primary, who has what it lacks, and what it must have.</summary>
internal sealed record Choice(ServerName Candidate, ServerName? Source, ReplicationPosition Target);
