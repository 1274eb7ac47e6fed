using System.Buffers;
using System.Text;
using Flotilla.Primitives;

namespace Flotilla.Gearman.Protocol;

/// <summary>
/// Names in lists for people and scripts. A byte that would break the list is written as <c>\xHH</c> (two lower-case hexadecimal
/// digits): control characters and 0x7f everywhere, a blank where blanks part the columns. All other bytes stay as they are, a backslash
/// too (names like <c>App\Mail\Send</c> are common), except where the name itself contains the form <c>\xHH</c>: then its backslash is
/// written <c>\x5c</c>. So every name has one form, and <see cref="Unescape"/> finds it again.
/// </summary>
public static class AdminText
{
    private static readonly SearchValues<byte> BreaksLine = SearchValues.Create(
        [.. Enumerable.Range(0, 32).Select(value => (byte)value), 0x7f, (byte)'\\']);

    private static readonly SearchValues<byte> BreaksWord = SearchValues.Create(
        [.. Enumerable.Range(0, 33).Select(value => (byte)value), 0x7f, (byte)'\\']);

    /// <summary>Appends a name to a list whose columns are parted by tabs.</summary>
    public static void AppendColumn(ByteQueue output, ReadOnlySpan<byte> name) => Append(output, name, BreaksLine);

    /// <summary>Appends a name to a list whose columns are parted by blanks.</summary>
    public static void AppendWord(ByteQueue output, ReadOnlySpan<byte> name) => Append(output, name, BreaksWord);

    /// <summary>The name that was written; text that holds no <c>\xHH</c> is returned as it is.</summary>
    public static string Unescape(ReadOnlySpan<byte> written)
    {
        if (written.IndexOf("\\x"u8) < 0)
            return Encoding.UTF8.GetString(written);
        var name = new byte[written.Length];
        var length = 0;
        for (var i = 0; i < written.Length; i++)
        {
            var escaped = IsEscape(written[i..]);
            name[length++] = escaped ? (byte)((Hex(written[i + 2]) << 4) | Hex(written[i + 3])) : written[i];
            i += escaped ? 3 : 0;
        }

        return Encoding.UTF8.GetString(name.AsSpan(0, length));
    }

    private static void Append(ByteQueue output, ReadOnlySpan<byte> name, SearchValues<byte> breaking)
    {
        while (true)
        {
            var at = name.IndexOfAny(breaking);
            if (at < 0)
            {
                output.Append(name);
                return;
            }

            output.Append(name[..at]);
            if (name[at] == '\\' && !IsEscape(name[at..]))
                output.Append("\\"u8);
            else
                AppendEscape(output, name[at]);
            name = name[(at + 1)..];
        }
    }

    private static void AppendEscape(ByteQueue output, byte value)
    {
        var digits = "0123456789abcdef"u8;
        output.Append([(byte)'\\', (byte)'x', digits[value >> 4], digits[value & 15]]);
    }

    private static bool IsEscape(ReadOnlySpan<byte> text)
        => text.Length >= 4 && text[0] == '\\' && text[1] == 'x' && Hex(text[2]) >= 0 && Hex(text[3]) >= 0;

    private static int Hex(byte digit) => digit switch
    {
        >= (byte)'0' and <= (byte)'9' => digit - '0',
        >= (byte)'a' and <= (byte)'f' => digit - 'a' + 10,
        _ => -1,
    };
}
