namespace Flotilla.Sandbox;

/// <summary>What kind of thing went wrong with a sandbox.</summary>
public enum SandboxProblem
{
    /// <summary>What was asked for makes no sense, or the server has no such feature.</summary>
    BadRequest,

    /// <summary>A server or client program is not there or does not run.</summary>
    MissingServer,

    /// <summary>A port, name or folder is taken; the message says by whom.</summary>
    Conflict,

    /// <summary>There is no such sandbox.</summary>
    NotFound,

    /// <summary>A file could not be written; often the disk is full.</summary>
    Storage,

    /// <summary>A server did not start, or ended; the message has the end of its log.</summary>
    ServerFailed,

    /// <summary>A replica does not replicate.</summary>
    ReplicationFailed,
}
