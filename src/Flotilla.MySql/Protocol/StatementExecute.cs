using System.Buffers;

namespace Flotilla.MySql.Protocol;

/// <summary>
/// COM_STMT_EXECUTE after its command byte, without a cursor.
/// <code>
/// 4 statement id | 1 flags 0 | 4 iterations 1
/// with parameters:  (n + 7) / 8 NULL bitmap | 1 types follow (1) | n x (1 type, 1 0x80 if unsigned) | values
/// </code>
/// </summary>
internal static class StatementExecute
{
    /// <param name="output">The packet.</param>
    /// <param name="statementId">Of the answer to the prepare.</param>
    /// <param name="values">One per parameter.</param>
    /// <param name="sent">Parameters whose bytes went ahead as long data; their values are left out.</param>
    public static void Write(IBufferWriter<byte> output, uint statementId, ReadOnlySpan<MySqlValue> values, IReadOnlySet<int> sent)
    {
        output.WriteUInt32(statementId);
        output.WriteByte(0);
        output.WriteUInt32(1);
        if (values.IsEmpty)
            return;
        for (var first = 0; first < values.Length; first += 8)
        {
            var nulls = 0;
            for (var i = first; i < Math.Min(first + 8, values.Length); i++)
            {
                if (values[i].Kind == MySqlValueKind.Null && !sent.Contains(i))
                    nulls |= 1 << (i - first);
            }

            output.WriteByte((byte)nulls);
        }

        output.WriteByte(1);
        for (var i = 0; i < values.Length; i++)
        {
            output.WriteByte((byte)(sent.Contains(i) ? ColumnType.Blob : values[i].Type));
            output.WriteByte(values[i].Kind == MySqlValueKind.UInt64 ? (byte)0x80 : (byte)0);
        }

        for (var i = 0; i < values.Length; i++)
        {
            if (!sent.Contains(i))
                values[i].Write(output);
        }
    }
}
