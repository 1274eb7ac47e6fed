namespace Flotilla.Guard;

/// <summary>What a guard says.</summary>
internal enum ReplyType : byte
{
    None = 0,

    /// <summary>The whole state: when a connection begins, when asked, and when it changed.</summary>
    State = 0x81,

    /// <summary>A request was carried out.</summary>
    Accepted = 0x82,

    /// <summary>A request was not carried out.</summary>
    Refused = 0x83,
}
