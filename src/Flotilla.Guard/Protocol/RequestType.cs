namespace Flotilla.Guard;

/// <summary>What a node asks of a guard.</summary>
internal enum RequestType : byte
{
    None = 0,

    /// <summary>From now on this connection speaks for the node.</summary>
    Claim = 1,

    /// <summary>Start the server.</summary>
    Start = 2,

    /// <summary>Guard a server that somebody else started.</summary>
    Attach = 3,

    /// <summary>Kill the server when this deadline passes.</summary>
    Lease = 4,

    /// <summary>The server needs no lease.</summary>
    Release = 5,

    /// <summary>SIGTERM, and SIGKILL some time later.</summary>
    Stop = 6,

    /// <summary>SIGKILL.</summary>
    Kill = 7,

    /// <summary>Tell the state.</summary>
    Status = 8,

    /// <summary>End; only without a server.</summary>
    Quit = 9,
}
