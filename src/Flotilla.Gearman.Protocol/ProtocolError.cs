namespace Flotilla.Gearman.Protocol;

/// <summary>
/// What is wrong with a peer's bytes, and where. A value: making one allocates nothing, words are made when it is printed.
/// </summary>
/// <param name="Kind">What is wrong.</param>
/// <param name="Argument">Which argument of the body, counted from 1; 0 when it is not about one.</param>
/// <param name="OffsetBytes">Where: from the start of the body for arguments, from the start of the message otherwise.</param>
/// <param name="Value">The number that is wrong: magic, type or length.</param>
public readonly record struct ProtocolError(ProtocolErrorKind Kind, int Argument = 0, int OffsetBytes = 0, uint Value = 0)
{
    /// <summary>One line for a log or an exception.</summary>
    public override string ToString() => Kind switch
    {
        ProtocolErrorKind.None => "no error",
        ProtocolErrorKind.UnknownMagic => $"unknown magic 0x{Value:x8}",
        ProtocolErrorKind.UnknownType => $"unknown packet type {Value}",
        ProtocolErrorKind.BodyTooLong => $"a body of {Value} bytes is over the limit",
        ProtocolErrorKind.LineTooLong => $"a line of more than {ProtocolLimits.MaxLineBytes} bytes",
        ProtocolErrorKind.TooManyWords => $"a text command with more than {Value} words",
        ProtocolErrorKind.MissingArgument => $"no zero byte ends argument {Argument} (from byte {OffsetBytes} of the body)",
        ProtocolErrorKind.NotANumber => $"argument {Argument} (at byte {OffsetBytes} of the body) is not a number in range",
        ProtocolErrorKind.UnknownForm => $"unknown form from byte {OffsetBytes}",
        _ => Kind.ToString(),
    };
}
