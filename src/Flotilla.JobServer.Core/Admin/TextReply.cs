using System.Buffers.Text;
using System.Text;
using Flotilla.Primitives;

namespace Flotilla.JobServer.Core;

/// <summary>Writes answers to text commands.</summary>
internal static class TextReply
{
    public static void Put(ByteQueue output, ReadOnlySpan<byte> text) => output.Append(text);

    public static void Put(ByteQueue output, string text)
    {
        var span = output.GetSpan(Encoding.UTF8.GetMaxByteCount(text.Length));
        output.Advance(Encoding.UTF8.GetBytes(text, span));
    }

    public static void Number(ByteQueue output, long value)
    {
        Utf8Formatter.TryFormat(value, output.GetSpan(20), out var digits);
        output.Advance(digits);
    }

    public static void Handle(ByteQueue output, MachineState state, ulong id)
    {
        var span = output.GetSpan(JobHandles.SizeBytesMax);
        output.Advance(state.Handles.Write(id, span).Length);
    }

    /// <summary>
    /// A name that a peer chose. Bytes that would break lines or columns (blanks and controls) are shown as <c>%XX</c>; commands
    /// understand that form.
    /// </summary>
    public static void Name(ByteQueue output, ReadOnlySpan<byte> name)
    {
        if (!NeedsEscape(name))
        {
            output.Append(name);
            return;
        }

        var span = output.GetSpan(name.Length * 3);
        var length = 0;
        foreach (var c in name)
        {
            if (!IsUnsafe(c))
            {
                span[length++] = c;
                continue;
            }

            span[length++] = (byte)'%';
            span[length++] = HexDigit(c >> 4);
            span[length++] = HexDigit(c & 15);
        }

        output.Advance(length);
    }

    /// <summary>The name behind the form that <see cref="Name"/> writes; the same bytes when there is nothing to undo.</summary>
    public static ReadOnlySpan<byte> Unescape(ReadOnlySpan<byte> shown)
    {
        if (shown.IndexOf((byte)'%') < 0)
            return shown;
        var name = new byte[shown.Length];
        var length = 0;
        for (var i = 0; i < shown.Length; i++)
        {
            if (shown[i] == '%' && i + 2 < shown.Length && Utf8Parser.TryParse(shown.Slice(i + 1, 2), out byte value, out var used, 'x') && used == 2)
            {
                name[length++] = value;
                i += 2;
            }
            else
            {
                name[length++] = shown[i];
            }
        }

        return name.AsSpan(0, length);
    }

    private static bool NeedsEscape(ReadOnlySpan<byte> name)
    {
        foreach (var c in name)
        {
            if (IsUnsafe(c))
                return true;
        }

        return false;
    }

    private static bool IsUnsafe(byte c) => c is <= (byte)' ' or 0x7F;

    private static byte HexDigit(int value) => (byte)(value < 10 ? '0' + value : 'A' + value - 10);
}
