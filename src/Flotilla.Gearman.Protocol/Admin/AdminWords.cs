namespace Flotilla.Gearman.Protocol;

/// <summary>
/// The words of a text line: parted by one or more blanks (not tabs). As in gearmand a blank at the start makes an empty first word,
/// one at the end an empty last word. Looks each word up anew, lines being short and rare.
/// </summary>
public readonly ref struct AdminWords(ReadOnlySpan<byte> line)
{
    private readonly ReadOnlySpan<byte> _line = line;

    /// <summary>At least 1: an empty line is one empty word.</summary>
    public int Count
    {
        get
        {
            var count = 1;
            for (var rest = _line; TrySkip(ref rest); count++)
            {
            }

            return count;
        }
    }

    /// <summary>The word at an index from 0; empty when there are fewer.</summary>
    public ReadOnlySpan<byte> this[int index]
    {
        get
        {
            var from = From(index);
            var end = from.IndexOf((byte)' ');
            return end < 0 ? from : from[..end];
        }
    }

    /// <summary>The line from the word at an index to its end, blanks included; empty when there are fewer words.</summary>
    public ReadOnlySpan<byte> From(int index)
    {
        var rest = _line;
        for (; index > 0; index--)
        {
            if (!TrySkip(ref rest))
                return default;
        }

        return rest;
    }

    private static bool TrySkip(ref ReadOnlySpan<byte> rest)
    {
        var end = rest.IndexOf((byte)' ');
        if (end < 0)
            return false;
        rest = rest[end..].TrimStart((byte)' ');
        return true;
    }
}
