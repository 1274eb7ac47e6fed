namespace Flotilla.Cluster.Servers;

/// <summary>What came of a write probe.</summary>
public enum WriteProbeOutcome
{
    /// <summary>A row was committed, and the binary log is not stuck.</summary>
    Committed,

    /// <summary>The server answered, with an error: it is alive, but not fit for writing.</summary>
    Refused,

    /// <summary>No connection: its process is gone, or cannot be reached.</summary>
    Unreachable,

    /// <summary>No answer in time: it hangs, or its disk does.</summary>
    Silent,
}
