namespace Flotilla.Guard;

/// <summary>Why a guard tells its state.</summary>
public enum GuardChange : byte
{
    /// <summary>It was asked to, or a connection began.</summary>
    None = 0,

    /// <summary>A server was started or attached to.</summary>
    Started = 1,

    /// <summary>SIGKILL was sent: no thread of the server runs its own code any more.</summary>
    Killed = 2,

    /// <summary>The server's process is gone.</summary>
    Ended = 3,

    /// <summary>Another connection speaks for the node now; sent to the one that did.</summary>
    Superseded = 4,
}
