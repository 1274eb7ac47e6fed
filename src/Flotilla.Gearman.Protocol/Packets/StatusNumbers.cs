namespace Flotilla.Gearman.Protocol;

/// <summary>The run of numbers in the middle of the two status answers.</summary>
internal struct StatusNumbers
{
    public ulong First;
    public ulong Second;
    public ulong Third;
    public ulong Fourth;

    /// <summary>Takes <paramref name="count"/> (up to four) terminated numbers; the first of them is argument 2 of its body.</summary>
    public bool TryParseTerminated(ref PacketArguments arguments, int count, out ProtocolError error)
    {
        for (var i = 0; i < count; i++)
        {
            var at = arguments.TakenBytes;
            if (!arguments.TryNext(out var text))
            {
                error = arguments.Missing;
                return false;
            }

            if (!TryParse(text, i + 2, at, out var value, out error))
                return false;
            switch (i)
            {
                case 0: First = value; break;
                case 1: Second = value; break;
                case 2: Third = value; break;
                default: Fourth = value; break;
            }
        }

        error = default;
        return true;
    }

    public static bool TryParse(ReadOnlySpan<byte> text, int argument, int offsetBytes, out ulong value, out ProtocolError error)
    {
        var parsed = AsciiNumber.TryParse(text, out value);
        error = parsed ? default : new ProtocolError(ProtocolErrorKind.NotANumber, argument, offsetBytes);
        return parsed;
    }
}
