namespace Flotilla.Guard;

/// <summary>Why a guard did not do what it was asked.</summary>
public enum GuardRefusal : byte
{
    None = 0,

    /// <summary>Another connection speaks for the node, or this one never claimed to.</summary>
    NotSpeaker = 1,

    /// <summary>The guard has seen a newer epoch.</summary>
    StaleEpoch = 2,

    /// <summary>There is no server, or it has been killed.</summary>
    NoServer = 3,

    /// <summary>A server runs.</summary>
    ServerRuns = 4,

    /// <summary>The deadline has passed already.</summary>
    DeadlinePassed = 5,

    /// <summary>The deadline is more than a minute away.</summary>
    DeadlineTooFar = 6,

    /// <summary>The guard was given no program to start.</summary>
    NoProgram = 7,

    /// <summary>The program could not be started; the error number says why.</summary>
    NotStarted = 8,

    /// <summary>A server of an earlier guard is still ending.</summary>
    FormerServerEnding = 9,

    /// <summary>The server has changed its user, so it would outlive its guard: the guard must be told the user.</summary>
    UserChanged = 10,

    /// <summary>The packet is none of the protocol; the connection ends.</summary>
    BadPacket = 11,

    /// <summary>The process to attach to is not there, is another one, or may not be signalled; the error number says why.</summary>
    NotAttached = 12,
}
