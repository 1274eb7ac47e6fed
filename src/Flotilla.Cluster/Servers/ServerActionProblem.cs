namespace Flotilla.Cluster.Servers;

/// <summary>Why an action on a server did not come to its end.</summary>
public enum ServerActionProblem
{
    /// <summary>No session with the server came about, or it was lost.</summary>
    Unreachable,

    /// <summary>The deadline passed. What was under way was killed.</summary>
    TimedOut,

    /// <summary>The server answered with an error.</summary>
    Refused,

    /// <summary>The action would do harm in the state that the server is in; nothing was done.</summary>
    NotReady,

    /// <summary>The server, or what is installed beside it, does not know how.</summary>
    Unsupported,

    /// <summary>A program or a file failed.</summary>
    Failed,
}
