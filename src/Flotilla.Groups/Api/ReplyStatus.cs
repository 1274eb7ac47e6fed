namespace Flotilla.Groups;

/// <summary>How one member answered a query.</summary>
public enum ReplyStatus
{
    Replied = 1,

    /// <summary>It has no opinion, no handler, or left before it answered.</summary>
    Null,

    /// <summary>It refused, or its handler threw: the reason is its own.</summary>
    Aborted,

    TimedOut,
}
