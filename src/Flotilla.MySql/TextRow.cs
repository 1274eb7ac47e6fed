using Flotilla.MySql.Protocol;

namespace Flotilla.MySql;

/// <summary>A row of a text query: for each column a length-encoded length and the value as text, or 0xfb for NULL.</summary>
internal static class TextRow
{
    /// <summary>Finds each value: where in the payload, and its length; -1 for NULL.</summary>
    public static void Parse(ReadOnlySpan<byte> payload, int[] offsets, int[] lengths)
    {
        var at = 0;
        for (var i = 0; i < offsets.Length; i++)
        {
            // One byte of length is the rule; the reader takes care of the rest and of what is wrong.
            int length;
            if (at < payload.Length && payload[at] < 0xfb)
            {
                length = payload[at++];
                if (length > payload.Length - at)
                    Fail(payload, at, length);
            }
            else
            {
                length = Slow(payload, ref at);
            }

            offsets[i] = at;
            lengths[i] = length;
            at += Math.Max(length, 0);
        }

        if (at != payload.Length)
            throw new MySqlProtocolException($"the server sent {payload.Length - at} bytes more than the {offsets.Length} columns of a row hold");
    }

    private static int Slow(ReadOnlySpan<byte> payload, ref int at)
    {
        var reader = new PacketReader(payload[at..], "row");
        if (reader.Remaining > 0 && payload[at] == 0xfb)
        {
            at++;
            return -1;
        }

        var length = reader.ReadLengthEncoded();
        at += reader.Position;
        if (length > (ulong)reader.Remaining)
            reader.Fail($"a length of {length} where {reader.Remaining} bytes are left");
        return (int)length;
    }

    private static void Fail(ReadOnlySpan<byte> payload, int at, int length)
        => throw new MySqlProtocolException($"the server sent a length of {length} at byte {at - 1} of a row packet of {payload.Length} bytes");
}
