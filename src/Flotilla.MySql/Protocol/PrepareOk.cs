namespace Flotilla.MySql.Protocol;

/// <summary>
/// Answer to COM_STMT_PREPARE: <code>1 0 | 4 statement id | 2 columns | 2 parameters | 1 0 | 2 warnings</code>
/// Definitions of the parameters follow, then of the columns.
/// </summary>
public readonly record struct PrepareOk(uint StatementId, int Columns, int Parameters, int Warnings)
{
    public static PrepareOk Parse(ReadOnlySpan<byte> payload)
    {
        var reader = new PacketReader(payload, "prepare OK");
        reader.Expect(0);
        var id = reader.ReadUInt32();
        int columns = reader.ReadUInt16();
        int parameters = reader.ReadUInt16();
        if (reader.Remaining > 0)
            reader.ReadByte();
        return new PrepareOk(id, columns, parameters, reader.Remaining >= 2 ? reader.ReadUInt16() : 0);
    }
}
