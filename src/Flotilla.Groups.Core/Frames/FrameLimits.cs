namespace Flotilla.Groups.Core.Frames;

/// <summary>Limits of the wire format.</summary>
public static class FrameLimits
{
    /// <summary>u32 length of what follows it, u8 type.</summary>
    public const int HeaderSizeBytes = 5;

    /// <summary>Longest frame: the largest message a node may be configured to take, and room for what is around it.</summary>
    public const int MaxFrameBytes = (256 << 20) + (64 << 10);

    /// <summary>The wire format these sources speak.</summary>
    public const int WireVersion = 1;
}
