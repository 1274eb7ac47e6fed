namespace Flotilla.Gearman.Protocol;

/// <summary>Takes the columns of a list's line one after another.</summary>
internal ref struct AdminColumns(ReadOnlySpan<byte> line)
{
    private readonly int _lineBytes = line.Length;
    private ReadOnlySpan<byte> _rest = line;

    /// <summary>Where in the line the next column begins.</summary>
    public readonly ProtocolError Error => new(ProtocolErrorKind.UnknownForm, OffsetBytes: _lineBytes - _rest.Length);

    /// <summary>
    /// Numbers stand at the end of a line and names before them, and gearmand does not escape names: taken from the end, a
    /// tab in a name does no harm.
    /// </summary>
    public bool TryTakeNumbersFromEnd(scoped Span<long> numbers)
    {
        for (var i = numbers.Length - 1; i >= 0; i--)
        {
            var start = _rest.LastIndexOf((byte)'\t');
            if (start < 0 || !TryParseNumber(_rest[(start + 1)..], out numbers[i]))
                return false;
            _rest = _rest[..start];
        }

        return true;
    }

    /// <summary>The next word before a blank.</summary>
    public bool TryTakeWord(out ReadOnlySpan<byte> word)
    {
        var end = _rest.IndexOf((byte)' ');
        word = end < 0 ? default : _rest[..end];
        if (end >= 0)
            _rest = _rest[(end + 1)..];
        return end >= 0;
    }

    public readonly ReadOnlySpan<byte> Rest => _rest;

    public static bool TryParseNumber(ReadOnlySpan<byte> text, out long value)
    {
        var parsed = AsciiNumber.TryParse(text, out var number) && number <= long.MaxValue;
        value = parsed ? (long)number : 0;
        return parsed;
    }
}
