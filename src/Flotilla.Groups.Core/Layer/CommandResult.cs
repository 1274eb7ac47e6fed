namespace Flotilla.Groups.Core;

/// <summary>How a command ended, or goes on.</summary>
public enum CommandResult : byte
{
    Done = 1,

    /// <summary>One of several results; more follow.</summary>
    Partial,

    /// <summary>Refused: the reason says what and what to do.</summary>
    Refused,

    /// <summary>Nobody knows whether it took effect: this incarnation was evicted before it saw.</summary>
    Indeterminate,

    /// <summary>It did not end in the time it was given.</summary>
    TimedOut,

    /// <summary>A query's member answered with nothing, or left.</summary>
    NullReply,

    /// <summary>A query's member refused to answer: the reason is its own.</summary>
    Aborted,
}
