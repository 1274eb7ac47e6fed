namespace Flotilla.Cluster.Lines;

/// <summary>The first number of an answer. See docs/protocols/membership-lines.md.</summary>
public enum LineProblem
{
    None = 0,
    UnknownCommand = 1,
    WrongArguments = 2,
    BadHost = 3,
    BadPort = 4,
    BadStatus = 5,
    BadRole = 6,

    /// <summary>This connection has announced no server, or its time is over.</summary>
    NotJoined = 7,

    /// <summary>There are as many servers as may be.</summary>
    TooManyServers = 8,

    /// <summary>The connection ends.</summary>
    LineTooLong = 9,

    /// <summary>There are as many connections as may be; this one ends.</summary>
    TooManyConnections = 10,
}
