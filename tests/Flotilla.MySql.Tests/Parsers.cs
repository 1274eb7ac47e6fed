using Flotilla.MySql.Protocol;

namespace Flotilla.MySql.Tests;

/// <summary>All parsers of what a server sends, by name; each takes any bytes, or refuses them with <see cref="MySqlProtocolException"/>.</summary>
internal static class Parsers
{
    public static IReadOnlyDictionary<string, Action<byte[], CapabilityFlags>> All { get; } = new Dictionary<string, Action<byte[], CapabilityFlags>>(StringComparer.Ordinal)
    {
        ["handshake"] = (bytes, _) => InitialHandshake.Parse(bytes),
        ["handshake-response"] = (bytes, _) => HandshakeResponse.Parse(bytes),
        ["auth-switch"] = (bytes, _) => AuthSwitchRequest.Parse(bytes),
        ["error"] = (bytes, _) => ErrorPacket.Parse(bytes),
        ["eof"] = (bytes, _) => EofPacket.Parse(bytes),
        ["ok"] = ParseOk,
        ["session-change"] = (bytes, _) => SessionChange.ParseAll(bytes),
        ["column-count"] = (bytes, _) => MySqlResult.ParseColumnCount(bytes),
        ["column"] = ParseColumn,
        ["prepare-ok"] = (bytes, _) => PrepareOk.Parse(bytes),
        ["infile"] = (bytes, _) => LocalInfileRequest.Parse(bytes),
        ["text-row"] = (bytes, _) => ReadRow(bytes, isBinary: false),
        ["binary-row"] = (bytes, _) => ReadRow(bytes, isBinary: true),
    };

    /// <summary>One column of each type.</summary>
    private static readonly ColumnDefinition[] EachType = [.. Enum.GetValues<ColumnType>().Select(Column)];

    /// <summary>False when the bytes were refused; anything but a refusal in words is thrown.</summary>
    public static bool Try(string name, ReadOnlySpan<byte> bytes, CapabilityFlags capabilities)
    {
        try
        {
            All[name](bytes.ToArray(), capabilities);
            return true;
        }
        catch (MySqlProtocolException e)
        {
            Assert.StartsWith("the server sent", e.Message);
            return false;
        }
    }

    public static void TryAll(ReadOnlySpan<byte> bytes, CapabilityFlags capabilities)
    {
        foreach (var name in All.Keys)
            Try(name, bytes, capabilities);
    }

    public static ColumnDefinition Column(ColumnType type)
        => ColumnDefinition.Parse([3, .. "def"u8, 0, 0, 0, 1, (byte)'c', 0, 12, 63, 0, 20, 0, 0, 0, (byte)type, 0, 0, 6, 0, 0], CapabilityFlags.None);

    private static void ParseOk(byte[] bytes, CapabilityFlags capabilities)
    {
        var ok = OkPacket.Parse(bytes, capabilities);
        _ = ok.Info;
        SessionChange.ParseAll(ok.Changes);
    }

    private static void ParseColumn(byte[] bytes, CapabilityFlags capabilities)
    {
        var column = ColumnDefinition.Parse(bytes, capabilities);
        _ = column.Name + column.OriginalName + column.Schema + column.Table + column.OriginalTable;
    }

    /// <summary>Rows of as many columns as the first byte says, every value read in every way.</summary>
    private static void ReadRow(byte[] bytes, bool isBinary)
    {
        if (bytes.Length == 0)
            return;
        var columns = Enumerable.Range(0, bytes[0] % 40 + 1).Select(i => EachType[(i * 7 + bytes[0]) % EachType.Length]).ToArray();
        var (offsets, lengths) = (new int[columns.Length], new int[columns.Length]);
        var row = bytes.AsSpan(1);
        if (isBinary)
            BinaryRow.Parse(row, columns, offsets, lengths);
        else
            TextRow.Parse(row, offsets, lengths);
        for (var i = 0; i < columns.Length; i++)
        {
            if (lengths[i] >= 0)
                ReadField(new Field(row.Slice(offsets[i], lengths[i]), columns[i], isBinary));
        }
    }

    private static void ReadField(Field field)
    {
        Read(field, static one => one.ToText());
        Read(field, static one => one.ToInt64());
        Read(field, static one => one.ToUInt64());
        Read(field, static one => one.ToDouble());
        Read(field, static one => one.ToDecimal());
        Read(field, static one => one.ToDateTime());
        Read(field, static one => one.ToTime());
    }

    private static void Read<T>(Field field, FieldReader<T> read)
    {
        try
        {
            read(field);
        }
        catch (InvalidCastException)
        {
            // Said in words.
        }
    }

    private delegate T FieldReader<T>(Field field);
}
