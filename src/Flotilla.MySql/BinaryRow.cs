using Flotilla.MySql.Protocol;

namespace Flotilla.MySql;

/// <summary>
/// A row of a prepared statement: <code>1 0 | (columns + 9) / 8 NULL bitmap, from bit 2 on | values</code>
/// Numbers have their natural width, dates and times a length byte, everything else a length-encoded length.
/// </summary>
internal static class BinaryRow
{
    /// <summary>Whether values are numbers, dates or times in a form of their own rather than text or bytes.</summary>
    public static bool HasOwnForm(ColumnType type) => type is ColumnType.Tiny or ColumnType.Short or ColumnType.Year or ColumnType.Int24
        or ColumnType.Long or ColumnType.LongLong or ColumnType.Float or ColumnType.Double
        or ColumnType.Date or ColumnType.DateTime or ColumnType.Timestamp or ColumnType.Time;

    /// <summary>Finds each value: where in the payload, and its length; -1 for NULL.</summary>
    public static void Parse(ReadOnlySpan<byte> payload, ColumnDefinition[] columns, int[] offsets, int[] lengths)
    {
        var reader = new PacketReader(payload, "binary row");
        reader.Expect(0);
        var nulls = reader.ReadBytes((columns.Length + 9) / 8);
        for (var i = 0; i < columns.Length; i++)
        {
            if ((nulls[(i + 2) >> 3] & 1 << ((i + 2) & 7)) != 0)
            {
                lengths[i] = -1;
                continue;
            }

            var length = FixedLength(columns[i].Type);
            if (length < 0)
                length = LengthBefore(ref reader, columns[i].Type);
            offsets[i] = reader.Position;
            lengths[i] = length;
            reader.ReadBytes(length);
        }

        if (reader.Remaining > 0)
            reader.Fail($"{reader.Remaining} bytes more than the columns hold");
    }

    private static int FixedLength(ColumnType type) => type switch
    {
        ColumnType.Tiny => 1,
        ColumnType.Short or ColumnType.Year => 2,
        ColumnType.Int24 or ColumnType.Long or ColumnType.Float => 4,
        ColumnType.LongLong or ColumnType.Double => 8,
        ColumnType.Null => 0,
        _ => -1,
    };

    private static int LengthBefore(ref PacketReader reader, ColumnType type)
    {
        if (type is ColumnType.Date or ColumnType.DateTime or ColumnType.Timestamp or ColumnType.Time)
        {
            var length = reader.ReadByte();
            var isRight = type is ColumnType.Time ? length is 0 or 8 or 12 : length is 0 or 4 or 7 or 11;
            if (!isRight)
                reader.Fail($"a {type} of {length} bytes");
            return length;
        }

        var bytes = reader.ReadLengthEncoded();
        if (bytes > (ulong)reader.Remaining)
            reader.Fail($"a length of {bytes} where {reader.Remaining} bytes are left");
        return (int)bytes;
    }
}
