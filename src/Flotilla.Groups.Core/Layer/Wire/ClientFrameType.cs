namespace Flotilla.Groups.Core;

/// <summary>Frames between an external client and its node. The numbers are on the wire.</summary>
public enum ClientFrameType : byte
{
    None = 0,

    // From the client.
    Hello = 1,
    Send = 2,
    Query = 3,
    Subscribe = 4,
    Unsubscribe = 5,

    // From the node.
    Welcome = 65,
    Sent = 66,
    Answer = 67,
    QueryEnd = 68,
    View = 69,

    /// <summary>Go to one of these instead.</summary>
    Redirect = 70,

    /// <summary>That was no valid frame; the node listens no more.</summary>
    Refused = 71,
}
