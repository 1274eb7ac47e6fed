namespace Flotilla.Gearman.Protocol;

/// <summary>What <see cref="MessageReader.Read"/> found.</summary>
public enum MessageKind : byte
{
    /// <summary>No whole message is left; more bytes are needed.</summary>
    NeedMore,

    /// <summary>A whole binary packet.</summary>
    Packet,

    /// <summary>A whole text line.</summary>
    Line,

    /// <summary>The bytes can't be the beginning of any message; the reader stays here.</summary>
    Error,
}
