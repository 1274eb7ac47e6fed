using System.Text;

namespace Flotilla.MySql.Protocol;

/// <summary>
/// One column of a result or parameter of a statement.
/// <code>
/// ln catalog  ln schema  ln table  ln original table  ln name  ln original name
/// ln extended type information      only with MariaDbExtendedTypeInfo: 1 kind (0 name, 1 format), ln text, ...
/// 1 12 | 2 collation | 4 length in bytes | 1 type | 2 flags | 1 decimals | 2 zero
/// </code>
/// Texts are decoded when first asked for.
/// </summary>
public sealed class ColumnDefinition
{
    private readonly byte[] _texts;
    private readonly int _tableAt;
    private readonly int _nameAt;
    private string? _name;

    private ColumnDefinition(byte[] texts, int tableAt, int nameAt)
    {
        _texts = texts;
        _tableAt = tableAt;
        _nameAt = nameAt;
    }

    /// <summary>As the query names it.</summary>
    public string Name => _name ??= TextAt(_nameAt, 0);

    /// <summary>As the table names it; empty for expressions.</summary>
    public string OriginalName => TextAt(_nameAt, 1);

    public string Schema => TextAt(0, 1);

    public string Table => TextAt(_tableAt, 0);

    public string OriginalTable => TextAt(_tableAt, 1);

    /// <summary>63 for bytes; otherwise text in that collation's character set.</summary>
    public ushort Collation { get; private init; }

    /// <summary>Largest length in bytes.</summary>
    public uint LengthBytes { get; private init; }

    public ColumnType Type { get; private init; }

    public ColumnFlags Flags { get; private init; }

    /// <summary>Digits after the point; 31 where that varies.</summary>
    public byte Decimals { get; private init; }

    /// <summary>MariaDB: the type's own name (<c>json</c>, <c>uuid</c>, <c>inet6</c>), where it has no number of its own; else null.</summary>
    public string? ExtendedType { get; private init; }

    public bool IsUnsigned => (Flags & ColumnFlags.Unsigned) != ColumnFlags.None;

    /// <summary>Bytes rather than text.</summary>
    public bool IsBinary => Collation == 63;

    public static ColumnDefinition Parse(ReadOnlySpan<byte> payload, CapabilityFlags capabilities)
    {
        var reader = new PacketReader(payload, "column definition");
        reader.ReadLengthEncodedBytes();
        reader.ReadLengthEncodedBytes();
        var tableAt = reader.Position;
        reader.ReadLengthEncodedBytes();
        reader.ReadLengthEncodedBytes();
        var nameAt = reader.Position;
        reader.ReadLengthEncodedBytes();
        reader.ReadLengthEncodedBytes();
        var textsEnd = reader.Position;
        string? extended = null;
        if (capabilities.HasFlag(CapabilityFlags.MariaDbExtendedTypeInfo))
            extended = ParseExtended(reader.ReadLengthEncodedBytes());
        var fixedPart = new PacketReader(reader.ReadLengthEncodedBytes(), "column definition");
        return new ColumnDefinition(payload[..textsEnd].ToArray(), tableAt, nameAt)
        {
            ExtendedType = extended,
            Collation = fixedPart.ReadUInt16(),
            LengthBytes = fixedPart.ReadUInt32(),
            Type = (ColumnType)fixedPart.ReadByte(),
            Flags = (ColumnFlags)fixedPart.ReadUInt16(),
            Decimals = fixedPart.ReadByte(),
        };
    }

    private static string? ParseExtended(ReadOnlySpan<byte> bytes)
    {
        string? name = null;
        var reader = new PacketReader(bytes, "column definition");
        while (reader.Remaining > 0)
        {
            reader.ReadByte();
            var text = reader.ReadLengthEncodedBytes();
            name ??= Encoding.UTF8.GetString(text);
        }

        return name;
    }

    private string TextAt(int offset, int skip)
    {
        var reader = new PacketReader(_texts.AsSpan(offset), "column definition");
        for (; skip > 0; skip--)
            reader.ReadLengthEncodedBytes();
        return Encoding.UTF8.GetString(reader.ReadLengthEncodedBytes());
    }
}
