namespace Flotilla.Cluster.Servers;

/// <summary>A row of SHOW BINLOG EVENTS or SHOW RELAYLOG EVENTS.</summary>
internal readonly record struct LogEvent(string File, ulong Position, string Type, string Info);
