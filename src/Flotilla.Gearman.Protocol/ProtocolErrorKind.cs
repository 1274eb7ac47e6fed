namespace Flotilla.Gearman.Protocol;

/// <summary>What is wrong with a peer's bytes.</summary>
public enum ProtocolErrorKind : byte
{
    None = 0,

    /// <summary>The first four bytes are neither <c>\0REQ</c> nor <c>\0RES</c>.</summary>
    UnknownMagic,

    /// <summary>The packet type is 0 or above 42.</summary>
    UnknownType,

    /// <summary>The header promises a longer body than the limit.</summary>
    BodyTooLong,

    /// <summary>No line feed where a text line must have ended.</summary>
    LineTooLong,

    /// <summary>A text command has more words than any command may have.</summary>
    TooManyWords,

    /// <summary>The body ends before the zero byte that ends an argument.</summary>
    MissingArgument,

    /// <summary>An argument is not a decimal number in range.</summary>
    NotANumber,

    /// <summary>A line of an answer does not have the form of its list.</summary>
    UnknownForm,
}
