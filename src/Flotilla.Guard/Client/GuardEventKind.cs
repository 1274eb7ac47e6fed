namespace Flotilla.Guard;

/// <summary>What a guard told without being asked.</summary>
public enum GuardEventKind
{
    None = 0,

    /// <summary>A server was started or attached to.</summary>
    Started,

    /// <summary>SIGKILL was sent: the server acknowledges nothing any more. Its files and its port are free when it has ended.</summary>
    Killed,

    /// <summary>The server's process is gone.</summary>
    Ended,

    /// <summary>A lease that nobody waits for was refused; the event says why.</summary>
    LeaseRefused,

    /// <summary>Another process speaks for the node now. This one must leave the server alone.</summary>
    Superseded,

    /// <summary>
    /// The connection is gone; the last event. When the guard died, a server that it started died with it, but one that it was attached to did not.
    /// </summary>
    Lost,
}
