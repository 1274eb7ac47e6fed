namespace Flotilla.MySql;

/// <summary>What a <see cref="MySqlValue"/> holds, by the way it travels.</summary>
public enum MySqlValueKind : byte
{
    Null,
    Boolean,
    Int64,
    UInt64,
    Single,
    Double,
    Decimal,
    Text,
    Bytes,
    Date,
    DateTime,
    Time,
}
