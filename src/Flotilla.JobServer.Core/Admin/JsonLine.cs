using System.Text.Unicode;
using Flotilla.Primitives;

namespace Flotilla.JobServer.Core;

/// <summary>Writes one compact JSON object and a line end. Bytes that are no UTF-8 are shown as Latin-1.</summary>
internal struct JsonLine(ByteQueue output)
{
    private bool _started;
    private bool _hasFields;

    public void Field(ReadOnlySpan<byte> name, long value)
    {
        Key(name);
        System.Buffers.Text.Utf8Formatter.TryFormat(value, output.GetSpan(20), out var digits);
        output.Advance(digits);
    }

    public void Field(ReadOnlySpan<byte> name, bool value)
    {
        Key(name);
        output.Append(value ? "true"u8 : "false"u8);
    }

    public void Field(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        Key(name);
        output.Append("\""u8);
        var isText = Utf8.IsValid(value);
        foreach (var c in value)
            Character(c, isText);
        output.Append("\""u8);
    }

    public void Handle(ReadOnlySpan<byte> name, MachineState state, ulong id)
    {
        Span<byte> handle = stackalloc byte[JobHandles.SizeBytesMax];
        Field(name, state.Handles.Write(id, handle));
    }

    public void Null(ReadOnlySpan<byte> name)
    {
        Key(name);
        output.Append("null"u8);
    }

    /// <summary>Begins an object inside this one; end it with <see cref="EndObject"/>.</summary>
    public void BeginObject(ReadOnlySpan<byte> name)
    {
        Key(name);
        output.Append("{"u8);
        _hasFields = false;
    }

    public void EndObject()
    {
        output.Append("}"u8);
        _hasFields = true;
    }

    public void EndLine() => output.Append(_hasFields ? "}\n"u8 : "{}\n"u8);

    private void Key(ReadOnlySpan<byte> name)
    {
        output.Append(_hasFields ? ",\""u8 : _started ? "\""u8 : "{\""u8);
        _started = true;
        _hasFields = true;
        output.Append(name);
        output.Append("\":"u8);
    }

    private readonly void Character(byte c, bool isText)
    {
        if (c is (byte)'"' or (byte)'\\')
        {
            output.Append([(byte)'\\', c]);
        }
        else if (c < ' ' || c == 0x7F || (c >= 0x80 && !isText))
        {
            output.Append("\\u00"u8);
            output.Append([HexDigit(c >> 4), HexDigit(c & 15)]);
        }
        else
        {
            output.Append([c]);
        }
    }

    private static byte HexDigit(int value) => (byte)(value < 10 ? '0' + value : 'a' + value - 10);
}
