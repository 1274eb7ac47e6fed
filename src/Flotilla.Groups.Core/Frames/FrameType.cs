namespace Flotilla.Groups.Core.Frames;

/// <summary>Frames between nodes. The numbers are on the wire.</summary>
public enum FrameType : byte
{
    None = 0,

    // Links: 1 to 15.
    Heartbeat = 1,
    Relay = 2,
    Goodbye = 3,

    // The log: 16 to 47; added with their types.

    /// <summary>The group layer's: its first byte says which.</summary>
    Direct = 48,
}
