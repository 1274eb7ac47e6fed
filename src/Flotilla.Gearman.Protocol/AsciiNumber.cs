using Flotilla.Primitives;

namespace Flotilla.Gearman.Protocol;

/// <summary>Decimal numbers as the protocol writes them.</summary>
public static class AsciiNumber
{
    /// <summary>The longest decimal form of a 64-bit number.</summary>
    public const int MaxBytes = 20;

    /// <summary>Digits only, at least one, in range.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, out ulong value)
    {
        value = 0;
        if (text.IsEmpty || text.Length > MaxBytes)
            return false;
        foreach (var character in text)
        {
            var digit = (uint)(character - '0');
            if (digit > 9 || value > (ulong.MaxValue - digit) / 10)
                return false;
            value = (value * 10) + digit;
        }

        return true;
    }

    /// <summary>
    /// The number that a text begins with, as C's atoi reads it: blanks and a sign are skipped, the rest after the digits is ignored,
    /// no digits make 0. Numbers out of range become the nearest one in range. gearmand reads timeouts, progress and limits so.
    /// </summary>
    public static long Leading(ReadOnlySpan<byte> text)
    {
        text = text.TrimStart(" \t\n\v\f\r"u8);
        var negative = !text.IsEmpty && text[0] == '-';
        if (negative || (!text.IsEmpty && text[0] == '+'))
            text = text[1..];
        var value = 0L;
        foreach (var character in text)
        {
            var digit = (uint)(character - '0');
            if (digit > 9)
                break;
            if (value > (long.MaxValue - digit) / 10)
                return negative ? long.MinValue : long.MaxValue;
            value = (value * 10) + digit;
        }

        return negative ? -value : value;
    }

    /// <summary>Writes <paramref name="value"/> and returns how many bytes it took.</summary>
    public static int Format(Span<byte> target, ulong value)
    {
        Invariant.Require(value.TryFormat(target, out var written, default, null));
        return written;
    }
}
