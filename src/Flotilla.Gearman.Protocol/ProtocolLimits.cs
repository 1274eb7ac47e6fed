namespace Flotilla.Gearman.Protocol;

/// <summary>Lengths that a peer supplies, and how far we follow it.</summary>
public static class ProtocolLimits
{
    /// <summary>Default for the longest body. gearmand follows any 32-bit length; a header alone must not reserve gigabytes.</summary>
    public const int DefaultBodyBytes = 64 * 1024 * 1024;

    /// <summary>No setting may allow more: message positions are 32-bit.</summary>
    public const int MaxBodyBytes = int.MaxValue - PacketHeader.SizeBytes;

    /// <summary>The longest text line without its line feed; gearmand's receive buffer takes 8192 bytes with it.</summary>
    public const int MaxLineBytes = 8191;

    /// <summary>More words than this in a text command of gearmand's end the connection, as they do there.</summary>
    public const int MaxCommandWords = 5;

    /// <summary>Our own text commands may have more words (a policy has several settings).</summary>
    public const int MaxExtensionWords = 16;

    /// <summary>gearmand takes what fits its receive buffer (8190 bytes); real names are far shorter, and each is kept for long.</summary>
    public const int MaxFunctionNameBytes = 512;

    /// <summary>The protocol's limit; the 64th byte belongs to the key (gearmand cuts it off, see quirk 3).</summary>
    public const int MaxUniqueBytes = 64;

    /// <summary>The protocol's 64 bytes include a terminating zero byte.</summary>
    public const int MaxHandleBytes = 63;

    /// <summary>Longer client ids are cut, not refused, as gearmand does.</summary>
    public const int MaxClientIdBytes = 127;
}
