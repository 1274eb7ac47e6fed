using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Flotilla.MySql.Protocol;

/// <summary>The protocol's ways to write numbers and text.</summary>
public static class WireWriter
{
    public static void WriteByte(this IBufferWriter<byte> output, byte value)
    {
        output.GetSpan(1)[0] = value;
        output.Advance(1);
    }

    public static void WriteUInt16(this IBufferWriter<byte> output, ushort value)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(output.GetSpan(2), value);
        output.Advance(2);
    }

    public static void WriteUInt32(this IBufferWriter<byte> output, uint value)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(output.GetSpan(4), value);
        output.Advance(4);
    }

    public static void WriteUInt64(this IBufferWriter<byte> output, ulong value)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(output.GetSpan(8), value);
        output.Advance(8);
    }

    public static void WriteZeros(this IBufferWriter<byte> output, int count)
    {
        output.GetSpan(count)[..count].Clear();
        output.Advance(count);
    }

    public static void WriteLengthEncoded(this IBufferWriter<byte> output, ulong value)
    {
        switch (value)
        {
            case < 0xfb:
                output.WriteByte((byte)value);
                break;
            case <= ushort.MaxValue:
                output.WriteByte(0xfc);
                output.WriteUInt16((ushort)value);
                break;
            case <= 0xffffff:
                output.WriteByte(0xfd);
                output.WriteUInt16((ushort)value);
                output.WriteByte((byte)(value >> 16));
                break;
            default:
                output.WriteByte(0xfe);
                output.WriteUInt64(value);
                break;
        }
    }

    public static void WriteLengthEncodedBytes(this IBufferWriter<byte> output, ReadOnlySpan<byte> bytes)
    {
        output.WriteLengthEncoded((ulong)bytes.Length);
        output.Write(bytes);
    }

    public static void WriteLengthEncodedText(this IBufferWriter<byte> output, string text)
    {
        output.WriteLengthEncoded((ulong)Encoding.UTF8.GetByteCount(text));
        output.WriteText(text);
    }

    public static void WriteText(this IBufferWriter<byte> output, ReadOnlySpan<char> text) => Encoding.UTF8.GetBytes(text, output);

    /// <summary>Text and a zero byte; the text must not hold one.</summary>
    public static void WriteNulTerminated(this IBufferWriter<byte> output, string text)
    {
        if (text.Contains('\0'))
            throw new ArgumentException("a name must not hold a zero byte", nameof(text));
        output.WriteText(text);
        output.WriteByte(0);
    }
}
