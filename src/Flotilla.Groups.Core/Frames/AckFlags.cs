namespace Flotilla.Groups.Core.Frames;

/// <summary>What a member says with an acknowledgement. The bits are on the wire.</summary>
[Flags]
internal enum AckFlags : byte
{
    None = 0,

    /// <summary>It promised a later ballot: it takes nothing of this epoch any more.</summary>
    Sealed = 1,

    /// <summary>It has the state, and on disk what a voter must have.</summary>
    CanVote = 2,

    /// <summary>It misses what follows: send again.</summary>
    Wants = 4,

    /// <summary>Its disk failed.</summary>
    Unfit = 8,
}
