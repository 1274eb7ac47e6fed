namespace Flotilla.Guard;

/// <summary>More of a guard's state.</summary>
[Flags]
public enum GuardFlags : byte
{
    None = 0,

    /// <summary>The connection that is told this speaks for the node.</summary>
    YouSpeak = 1,

    /// <summary>Some connection does.</summary>
    Spoken = 2,

    /// <summary>Somebody else started the server.</summary>
    Attached = 4,

    /// <summary>The server was told to stop.</summary>
    Stopping = 8,

    /// <summary>The guard's memory is locked: it needs no disk to act.</summary>
    MemoryLocked = 16,

    /// <summary>The guard runs before all ordinary processes.</summary>
    RealTime = 32,
}
