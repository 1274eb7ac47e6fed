namespace Flotilla.Cluster.Core;

/// <summary>
/// Something to do on a server. Every action may be done again, and is over when its end is told: nothing of it goes on at the server, not even what was cut off by a time limit (its
/// connection is killed there). Before the first action of a process's life the connections of its earlier lives are killed too. Writes of actions stay out of the binary log.
/// An action that throws a relay log away, or makes a server read-only, first brings to the engine's disk what was applied and committed (<c>FLUSH BINARY LOGS</c>, and the binary log's
/// checkpoint behind it): otherwise crash recovery could take it back, and there would be nothing left to apply it from.
/// </summary>
public abstract record ServerAction;
