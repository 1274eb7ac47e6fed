using System.Text;

namespace Flotilla.JobServer.Core;

/// <summary>A text line as words. A line that begins with a blank has an empty first word: no command begins so.</summary>
internal readonly ref struct CommandWords(ReadOnlySpan<byte> line)
{
    private readonly ReadOnlySpan<byte> _line = line;

    public int Count
    {
        get
        {
            var count = 0;
            var rest = _line;
            while (TryTake(ref rest, count == 0, out _))
                count++;
            return count;
        }
    }

    /// <summary>A word, or nothing when there are not so many.</summary>
    public ReadOnlySpan<byte> this[int index]
    {
        get
        {
            var rest = _line;
            for (var at = 0; TryTake(ref rest, at == 0, out var word); at++)
            {
                if (at == index)
                    return word;
            }

            return default;
        }
    }

    public bool Is(int index, ReadOnlySpan<byte> word) => Ascii.EqualsIgnoreCase(this[index], word);

    private static bool TryTake(scoped ref ReadOnlySpan<byte> rest, bool isFirst, out ReadOnlySpan<byte> word)
    {
        word = default;
        if (!isFirst)
            rest = rest.TrimStart(" \t"u8);
        if (rest.IsEmpty)
            return false;
        var end = rest.IndexOfAny((byte)' ', (byte)'\t');
        word = end < 0 ? rest : rest[..end];
        rest = end < 0 ? default : rest[end..];
        return true;
    }
}
