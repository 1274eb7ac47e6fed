using System.Text;

namespace Flotilla.MySql.Protocol;

/// <summary>
/// OK, also as the end of rows where EOF is deprecated.
/// <code>
/// 1  0x00 (0xfe at the end of rows)
/// le affected rows   le last insert id   2 status   2 warnings
/// with SessionTrack:  ln info, then, if the status says so, ln session changes
/// without:            rest: info, which MySQL and MariaDB put after its length all the same
/// </code>
/// </summary>
public readonly ref struct OkPacket(ulong affectedRows, ulong lastInsertId, ServerStatus status, ushort warnings, ReadOnlySpan<byte> info, ReadOnlySpan<byte> changes)
{
    public ulong AffectedRows { get; } = affectedRows;

    public ulong LastInsertId { get; } = lastInsertId;

    public ServerStatus Status { get; } = status;

    public ushort Warnings { get; } = warnings;

    public ReadOnlySpan<byte> InfoBytes { get; } = info;

    /// <summary>Session changes as they stand in the packet; <see cref="SessionChange.ParseAll"/> reads them.</summary>
    public ReadOnlySpan<byte> Changes { get; } = changes;

    public string Info => Encoding.UTF8.GetString(InfoBytes);

    public static OkPacket Parse(ReadOnlySpan<byte> payload, CapabilityFlags capabilities)
    {
        var reader = new PacketReader(payload, "OK");
        if (payload is [0xfe, ..])
            reader.Expect(0xfe);
        else
            reader.Expect(0);
        var affected = reader.ReadLengthEncoded();
        var inserted = reader.ReadLengthEncoded();
        var status = (ServerStatus)reader.ReadUInt16();
        var warnings = reader.ReadUInt16();
        if (!capabilities.HasFlag(CapabilityFlags.SessionTrack))
            return new OkPacket(affected, inserted, status, warnings, WithoutLength(reader.ReadRest()), default);
        if (reader.Remaining == 0)
            return new OkPacket(affected, inserted, status, warnings, default, default);
        var info = reader.ReadLengthEncodedBytes();
        var changes = status.HasFlag(ServerStatus.SessionStateChanged) && reader.Remaining > 0 ? reader.ReadLengthEncodedBytes() : default;
        return new OkPacket(affected, inserted, status, warnings, info, changes);
    }

    private static ReadOnlySpan<byte> WithoutLength(ReadOnlySpan<byte> info)
        => info is [< 0xfb, ..] && info[0] == info.Length - 1 ? info[1..]
            : info is [0xfc, _, _, ..] && (info[1] | info[2] << 8) == info.Length - 3 ? info[3..]
            : info;
}
