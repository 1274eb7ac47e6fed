namespace Flotilla.JobServer.Core;

/// <summary>Everything that can happen to the job server.</summary>
public enum JobServerInputKind
{
    /// <summary>A connection opened.</summary>
    Connected,

    /// <summary>A whole binary packet arrived on a connection.</summary>
    Packet,

    /// <summary>A whole text line arrived on a connection, without its line end.</summary>
    Line,

    /// <summary>A connection ended, whoever ended it.</summary>
    Disconnected,

    /// <summary>Time passed; sent no later than <see cref="JobMachine.NextDeadlineMs"/>.</summary>
    Tick,

    /// <summary>All store records up to a sequence number are durable.</summary>
    StoreCommitted,

    /// <summary>The store records up to a sequence number that were not committed yet will never be.</summary>
    StoreFailed,

    /// <summary>A record read back from the store at start-up, before any connection.</summary>
    Replayed,

    /// <summary>No more jobs are handed out; the runtime stops when <see cref="JobMachine.RunningJobs"/> is zero or its patience ends.</summary>
    Draining,

    /// <summary>
    /// The runtime is about to end all connections: no more jobs are handed out, and jobs that are lost from now on stay as they are, in
    /// the store too. Nobody counts an attempt against them or is told that they failed: the next start hands them out again.
    /// </summary>
    Stopping,
}
