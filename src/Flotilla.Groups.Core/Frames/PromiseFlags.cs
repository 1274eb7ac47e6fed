namespace Flotilla.Groups.Core.Frames;

/// <summary>What a node says of itself with a promise. The bits are on the wire.</summary>
[Flags]
internal enum PromiseFlags : byte
{
    None = 0,

    /// <summary>It is the member of the old view itself, not another life of its node.</summary>
    IsMember = 1,

    /// <summary>It has the shared state.</summary>
    HasState = 2,

    /// <summary>It has on disk what a voter must have.</summary>
    CanVote = 4,

    /// <summary>It may have lost what it acknowledged as written.</summary>
    Amnesiac = 8,

    /// <summary>It leaves: it has given up its lease, and is not to be in the next view.</summary>
    Farewell = 16,

    /// <summary>It accepted a value, which follows.</summary>
    HasAccepted = 32,
}
