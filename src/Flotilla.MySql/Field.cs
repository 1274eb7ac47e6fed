using System.Buffers.Binary;
using System.Buffers.Text;
using System.Globalization;
using System.Text;
using Flotilla.MySql.Protocol;

namespace Flotilla.MySql;

/// <summary>One value of a row, not NULL, as text or in the binary protocol's form, and what it can be read as.</summary>
internal readonly ref struct Field(ReadOnlySpan<byte> bytes, ColumnDefinition column, bool isBinary)
{
    /// <summary>The longest TIME is 838:59:59.</summary>
    private const int DaysMax = 35;

    private readonly ReadOnlySpan<byte> _bytes = bytes;

    /// <summary>Whether the bytes are a number, date or time in the binary protocol's form rather than text.</summary>
    private bool IsEncoded => isBinary && BinaryRow.HasOwnForm(column.Type);

    public long ToInt64()
    {
        if (!IsEncoded)
        {
            if (column.Type == ColumnType.Bit)
                return (long)FromBits(_bytes);
            return Utf8Parser.TryParse(_bytes, out long value, out var used) && used == _bytes.Length ? value : throw Wrong("a whole number of 64 bits");
        }

        switch (column.Type)
        {
            case ColumnType.LongLong when column.IsUnsigned:
                var unsigned = BinaryPrimitives.ReadUInt64LittleEndian(_bytes);
                return unsigned <= long.MaxValue ? (long)unsigned : throw Wrong("a whole number of 64 bits with a sign");
            case ColumnType.Tiny or ColumnType.Short or ColumnType.Year or ColumnType.Int24 or ColumnType.Long or ColumnType.LongLong:
                return WholeNumber();
            default:
                throw Wrong("a whole number");
        }
    }

    public ulong ToUInt64()
    {
        if (IsEncoded && column.Type == ColumnType.LongLong && column.IsUnsigned)
            return BinaryPrimitives.ReadUInt64LittleEndian(_bytes);
        if (!IsEncoded && column.Type != ColumnType.Bit)
            return Utf8Parser.TryParse(_bytes, out ulong value, out var used) && used == _bytes.Length ? value : throw Wrong("a whole number of 64 bits without a sign");
        var number = column.Type == ColumnType.Bit ? FromBits(_bytes) : (ulong)ToInt64();
        return column.Type != ColumnType.Bit && (long)number < 0 ? throw Wrong("a whole number without a sign") : number;
    }

    public double ToDouble()
    {
        if (!IsEncoded)
            return double.TryParse(_bytes, CultureInfo.InvariantCulture, out var value) ? value : throw Wrong("a number");
        return column.Type switch
        {
            ColumnType.Float => BinaryPrimitives.ReadSingleLittleEndian(_bytes),
            ColumnType.Double => BinaryPrimitives.ReadDoubleLittleEndian(_bytes),
            _ => ToInt64(),
        };
    }

    public float ToSingle() => IsEncoded && column.Type == ColumnType.Float ? BinaryPrimitives.ReadSingleLittleEndian(_bytes) : (float)ToDouble();

    public decimal ToDecimal()
    {
        if (!IsEncoded)
            return decimal.TryParse(_bytes, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) ? value : throw Wrong("a number of at most 28 digits; use GetString");
        return column.Type switch
        {
            ColumnType.Float or ColumnType.Double => Math.Abs(ToDouble()) < (double)decimal.MaxValue ? (decimal)ToDouble() : throw Wrong("a number of at most 28 digits"),
            ColumnType.LongLong when column.IsUnsigned => ToUInt64(),
            _ => ToInt64(),
        };
    }

    public MySqlDateTime ToDateTime()
    {
        if (IsEncoded)
            return column.Type is ColumnType.Date or ColumnType.DateTime or ColumnType.Timestamp ? DecodeDateTime(_bytes) : throw Wrong("a date");
        return TryParseDateTime(_bytes, out var value) ? value : throw Wrong("a date");
    }

    public TimeSpan ToTime()
    {
        if (IsEncoded)
            return column.Type == ColumnType.Time ? DecodeTime(_bytes) : throw Wrong("a time");
        return TryParseTime(_bytes, out var value) ? value : throw Wrong("a time");
    }

    /// <summary>As the text protocol would show it; bytes that are not UTF-8 become replacement characters.</summary>
    public string ToText()
    {
        if (!IsEncoded)
            return column.Type == ColumnType.Bit ? FromBits(_bytes).ToString(CultureInfo.InvariantCulture) : Encoding.UTF8.GetString(_bytes);
        switch (column.Type)
        {
            case ColumnType.LongLong when column.IsUnsigned:
                return ToUInt64().ToString(CultureInfo.InvariantCulture);
            case ColumnType.Float:
                return WithServersExponent(ToSingle().ToString(CultureInfo.InvariantCulture));
            case ColumnType.Double:
                return WithServersExponent(ToDouble().ToString(CultureInfo.InvariantCulture));
            case ColumnType.Date:
                return ToDateTime().ToString()[..10];
            case ColumnType.DateTime or ColumnType.Timestamp:
                return WithDecimals(ToDateTime().ToString()[..19], ToDateTime().Microsecond);
            case ColumnType.Time:
                var time = ToTime();
                var size = time.Duration();
                return WithDecimals($"{(time < TimeSpan.Zero ? "-" : "")}{(int)size.TotalHours:00}:{size.Minutes:00}:{size.Seconds:00}", (int)(size.Ticks / 10 % 1_000_000));
            case ColumnType.Year:
                return ToInt64().ToString("0000", CultureInfo.InvariantCulture);
            default:
                return ToInt64().ToString(CultureInfo.InvariantCulture);
        }
    }

    private long WholeNumber() => (column.Type, column.IsUnsigned) switch
    {
        (ColumnType.Tiny, true) => _bytes[0],
        (ColumnType.Tiny, false) => (sbyte)_bytes[0],
        (ColumnType.Year, _) or (ColumnType.Short, true) => BinaryPrimitives.ReadUInt16LittleEndian(_bytes),
        (ColumnType.Short, false) => BinaryPrimitives.ReadInt16LittleEndian(_bytes),
        (ColumnType.Int24 or ColumnType.Long, true) => BinaryPrimitives.ReadUInt32LittleEndian(_bytes),
        (ColumnType.Int24 or ColumnType.Long, false) => BinaryPrimitives.ReadInt32LittleEndian(_bytes),
        _ => BinaryPrimitives.ReadInt64LittleEndian(_bytes),
    };

    private string WithDecimals(string text, int microseconds)
    {
        var digits = column.Decimals <= 6 ? column.Decimals : microseconds == 0 ? 0 : 6;
        return digits == 0 ? text : string.Concat(text, ".", microseconds.ToString("000000", CultureInfo.InvariantCulture).AsSpan(0, digits));
    }

    private static string WithServersExponent(string number)
        => number.Contains('E') ? number.Replace("E+", "e", StringComparison.Ordinal).Replace('E', 'e') : number;

    private static ulong FromBits(ReadOnlySpan<byte> bytes)
    {
        var value = 0UL;
        foreach (var one in bytes)
            value = value << 8 | one;
        return value;
    }

    /// <summary>0, 4, 7 or 11 bytes: year (2), month, day, then hour, minute, second, then microseconds (4).</summary>
    private static MySqlDateTime DecodeDateTime(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < 4)
            return default;
        var date = new MySqlDateTime(BinaryPrimitives.ReadUInt16LittleEndian(bytes), bytes[2], bytes[3]);
        if (bytes.Length >= 7)
            date = date with { Hour = bytes[4], Minute = bytes[5], Second = bytes[6] };
        return bytes.Length >= 11 ? date with { Microsecond = (int)(BinaryPrimitives.ReadUInt32LittleEndian(bytes[7..]) % 1_000_000) } : date;
    }

    /// <summary>0, 8 or 12 bytes: sign, days (4), hour, minute, second, then microseconds (4).</summary>
    private TimeSpan DecodeTime(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < 8)
            return TimeSpan.Zero;
        if (BinaryPrimitives.ReadUInt32LittleEndian(bytes[1..]) > DaysMax)
            throw Wrong("a time of at most 35 days");
        var ticks = BinaryPrimitives.ReadUInt32LittleEndian(bytes[1..]) * TimeSpan.TicksPerDay + bytes[5] * TimeSpan.TicksPerHour
            + bytes[6] * TimeSpan.TicksPerMinute + bytes[7] * TimeSpan.TicksPerSecond;
        if (bytes.Length >= 12)
            ticks += BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..]) * TimeSpan.TicksPerMicrosecond;
        return TimeSpan.FromTicks(bytes[0] == 0 ? ticks : -ticks);
    }

    private static bool TryParseDateTime(ReadOnlySpan<byte> text, out MySqlDateTime value)
    {
        value = default;
        if (text.Length < 10 || text[4] != '-' || text[7] != '-' || !TryNumber(text[..4], out var year) || !TryNumber(text[5..7], out var month)
            || !TryNumber(text[8..10], out var day))
            return false;
        value = new MySqlDateTime(year, month, day);
        if (text.Length == 10)
            return true;
        if (text.Length < 19 || text[13] != ':' || text[16] != ':' || !TryNumber(text[11..13], out var hour) || !TryNumber(text[14..16], out var minute)
            || !TryNumber(text[17..19], out var second) || !TryFraction(text[19..], out var microsecond))
            return false;
        value = value with { Hour = hour, Minute = minute, Second = second, Microsecond = microsecond };
        return true;
    }

    private static bool TryParseTime(ReadOnlySpan<byte> text, out TimeSpan value)
    {
        value = default;
        var isNegative = text is [(byte)'-', ..];
        if (isNegative)
            text = text[1..];
        var colon = text.IndexOf((byte)':');
        if (colon is < 1 or > 4 || text.Length < colon + 6 || text[colon + 3] != ':' || !TryNumber(text[..colon], out var hours)
            || !TryNumber(text.Slice(colon + 1, 2), out var minutes) || !TryNumber(text.Slice(colon + 4, 2), out var seconds)
            || !TryFraction(text[(colon + 6)..], out var microseconds))
            return false;
        value = TimeSpan.FromTicks(hours * TimeSpan.TicksPerHour + minutes * TimeSpan.TicksPerMinute + seconds * TimeSpan.TicksPerSecond
            + microseconds * TimeSpan.TicksPerMicrosecond);
        value = isNegative ? -value : value;
        return true;
    }

    /// <summary>Nothing, or a point and 1 to 6 digits.</summary>
    private static bool TryFraction(ReadOnlySpan<byte> text, out int microseconds)
    {
        microseconds = 0;
        if (text.IsEmpty)
            return true;
        if (text[0] != '.' || text.Length is < 2 or > 7 || !TryNumber(text[1..], out microseconds))
            return false;
        for (var digits = text.Length - 1; digits < 6; digits++)
            microseconds *= 10;
        return true;
    }

    private static bool TryNumber(ReadOnlySpan<byte> digits, out int number)
    {
        number = 0;
        foreach (var digit in digits)
        {
            if (digit is < (byte)'0' or > (byte)'9')
                return false;
            number = number * 10 + digit - '0';
        }

        return true;
    }

    private InvalidCastException Wrong(string wanted)
    {
        var shown = IsEncoded ? Convert.ToHexString(_bytes) : Encoding.UTF8.GetString(_bytes[..Math.Min(_bytes.Length, 40)]);
        return new InvalidCastException($"column {column.Name} ({column.Type}) holds {shown}, which is not {wanted}");
    }
}
