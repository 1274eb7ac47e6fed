using System.Buffers;
using System.Globalization;
using Flotilla.MySql.Protocol;

namespace Flotilla.MySql;

/// <summary>
/// A parameter of a prepared statement. Converts from the usual types by itself: <c>statement.ExecuteAsync([1, "two", MySqlValue.Null])</c>.
/// Bytes and text are not copied until the statement is executed.
/// </summary>
public readonly struct MySqlValue
{
    private readonly long _number;
    private readonly object? _reference;
    private readonly ReadOnlyMemory<byte> _bytes;

    private MySqlValue(MySqlValueKind kind, long number = 0, object? reference = null, ReadOnlyMemory<byte> bytes = default)
    {
        Kind = kind;
        _number = number;
        _reference = reference;
        _bytes = bytes;
    }

    public static MySqlValue Null => default;

    public MySqlValueKind Kind { get; }

    public static implicit operator MySqlValue(bool value) => new(MySqlValueKind.Boolean, value ? 1 : 0);

    public static implicit operator MySqlValue(int value) => new(MySqlValueKind.Int64, value);

    public static implicit operator MySqlValue(long value) => new(MySqlValueKind.Int64, value);

    public static implicit operator MySqlValue(ulong value) => new(MySqlValueKind.UInt64, (long)value);

    public static implicit operator MySqlValue(float value) => new(MySqlValueKind.Single, BitConverter.SingleToInt32Bits(value));

    public static implicit operator MySqlValue(double value) => new(MySqlValueKind.Double, BitConverter.DoubleToInt64Bits(value));

    public static implicit operator MySqlValue(decimal value) => new(MySqlValueKind.Decimal, reference: value.ToString(CultureInfo.InvariantCulture));

    /// <summary>Null becomes NULL.</summary>
    public static implicit operator MySqlValue(string? value) => value is null ? Null : new(MySqlValueKind.Text, reference: value);

    /// <summary>Null becomes NULL.</summary>
    public static implicit operator MySqlValue(byte[]? value) => value is null ? Null : new(MySqlValueKind.Bytes, bytes: value);

    public static implicit operator MySqlValue(ReadOnlyMemory<byte> value) => new(MySqlValueKind.Bytes, bytes: value);

    /// <summary>The time as it stands, whatever its kind; microseconds.</summary>
    public static implicit operator MySqlValue(DateTime value) => new(MySqlValueKind.DateTime, value.Ticks);

    public static implicit operator MySqlValue(DateOnly value) => new(MySqlValueKind.Date, value.ToDateTime(default).Ticks);

    /// <summary>Of microseconds; MySQL has up to 838:59:59 in both directions.</summary>
    public static implicit operator MySqlValue(TimeSpan value) => new(MySqlValueKind.Time, value.Ticks);

    internal ColumnType Type => Kind switch
    {
        MySqlValueKind.Null => ColumnType.Null,
        MySqlValueKind.Boolean => ColumnType.Tiny,
        MySqlValueKind.Int64 or MySqlValueKind.UInt64 => ColumnType.LongLong,
        MySqlValueKind.Single => ColumnType.Float,
        MySqlValueKind.Double => ColumnType.Double,
        MySqlValueKind.Decimal => ColumnType.NewDecimal,
        MySqlValueKind.Text => ColumnType.VarString,
        MySqlValueKind.Bytes => ColumnType.Blob,
        MySqlValueKind.Date => ColumnType.Date,
        MySqlValueKind.DateTime => ColumnType.DateTime,
        MySqlValueKind.Time => ColumnType.Time,
        _ => throw new InvalidOperationException($"no such kind: {Kind}"),
    };

    /// <summary>The value as it stands in an execute packet.</summary>
    internal void Write(IBufferWriter<byte> output)
    {
        switch (Kind)
        {
            case MySqlValueKind.Null:
                break;
            case MySqlValueKind.Boolean:
                output.WriteByte((byte)_number);
                break;
            case MySqlValueKind.Int64 or MySqlValueKind.UInt64 or MySqlValueKind.Double:
                output.WriteUInt64((ulong)_number);
                break;
            case MySqlValueKind.Single:
                output.WriteUInt32((uint)_number);
                break;
            case MySqlValueKind.Decimal or MySqlValueKind.Text:
                output.WriteLengthEncodedText((string)_reference!);
                break;
            case MySqlValueKind.Bytes:
                output.WriteLengthEncodedBytes(_bytes.Span);
                break;
            case MySqlValueKind.Date or MySqlValueKind.DateTime:
                WriteDate(output, new DateTime(_number));
                break;
            case MySqlValueKind.Time:
                WriteTime(output, new TimeSpan(_number));
                break;
            default:
                throw new InvalidOperationException($"no such kind: {Kind}");
        }
    }

    private void WriteDate(IBufferWriter<byte> output, DateTime value)
    {
        var hasTime = Kind == MySqlValueKind.DateTime;
        output.WriteByte((byte)(hasTime ? 11 : 4));
        output.WriteUInt16((ushort)value.Year);
        output.WriteByte((byte)value.Month);
        output.WriteByte((byte)value.Day);
        if (!hasTime)
            return;
        output.WriteByte((byte)value.Hour);
        output.WriteByte((byte)value.Minute);
        output.WriteByte((byte)value.Second);
        output.WriteUInt32((uint)(value.Ticks % TimeSpan.TicksPerSecond / TimeSpan.TicksPerMicrosecond));
    }

    private static void WriteTime(IBufferWriter<byte> output, TimeSpan value)
    {
        var size = value.Duration();
        output.WriteByte(12);
        output.WriteByte(value < TimeSpan.Zero ? (byte)1 : (byte)0);
        output.WriteUInt32((uint)size.Days);
        output.WriteByte((byte)size.Hours);
        output.WriteByte((byte)size.Minutes);
        output.WriteByte((byte)size.Seconds);
        output.WriteUInt32((uint)(size.Ticks % TimeSpan.TicksPerSecond / TimeSpan.TicksPerMicrosecond));
    }
}
