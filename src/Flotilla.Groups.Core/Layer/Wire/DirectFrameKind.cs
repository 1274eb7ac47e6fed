namespace Flotilla.Groups.Core.Layer;

/// <summary>What a frame between the group layers of two nodes says: its first byte. Any of them may be lost or doubled.</summary>
internal enum DirectFrameKind : byte
{
    None = 0,

    /// <summary>A raw message.</summary>
    Raw = 1,

    /// <summary>An answer to a query; sent again until acknowledged.</summary>
    Reply = 2,
    ReplyTaken = 3,

    /// <summary>Have you delivered up to here?</summary>
    AskDelivered = 4,

    /// <summary>I have delivered up to here.</summary>
    Delivered = 5,

    /// <summary>A newcomer asks for a state, or says how far it got: also its sign of life.</summary>
    Ask = 6,
    Chunk = 7,

    /// <summary>How it stands with a transfer that has no chunk to send.</summary>
    Standing = 8,
}
