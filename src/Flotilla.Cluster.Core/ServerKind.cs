namespace Flotilla.Cluster.Core;

/// <summary>What kind of server it is.</summary>
public enum ServerKind
{
    MariaDb,

    /// <summary>Failover and repointing by GTID sets. Nothing is promised about loss: it commits in crash recovery what nobody acknowledged.</summary>
    MySql,
}
