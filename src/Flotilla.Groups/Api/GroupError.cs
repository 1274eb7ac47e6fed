namespace Flotilla.Groups;

/// <summary>Why something that was asked of a group did not happen.</summary>
public enum GroupError
{
    /// <summary>Refused: the message says why and what to do.</summary>
    Refused = 1,

    /// <summary>Nobody knows whether it took effect: this node was evicted before it saw.</summary>
    Indeterminate,

    TimedOut,

    /// <summary>The node has stopped, or is stopping.</summary>
    Stopped,
}
