using System.Text;

namespace Flotilla.MySql.Protocol;

/// <summary>
/// One change of the session that an OK packet reports: <code>1 kind | ln data</code>
/// Data: system variables: ln name, ln value, again and again; schema: ln name; state: ln "0" or "1"; GTIDs: 1 encoding, ln text;
/// transaction characteristics and state: ln text. Kinds we do not know keep their data as it is.
/// </summary>
public readonly record struct SessionChange(SessionChangeKind Kind, string Name, string Value)
{
    /// <summary>All changes of an OK packet.</summary>
    public static List<SessionChange> ParseAll(ReadOnlySpan<byte> changes)
    {
        var all = new List<SessionChange>();
        var reader = new PacketReader(changes, "session change");
        while (reader.Remaining > 0)
        {
            var kind = (SessionChangeKind)reader.ReadByte();
            var data = new PacketReader(reader.ReadLengthEncodedBytes(), "session change");
            switch (kind)
            {
                case SessionChangeKind.SystemVariable:
                    while (data.Remaining > 0)
                        all.Add(new SessionChange(kind, data.ReadLengthEncodedText(), data.ReadLengthEncodedText()));
                    break;
                case SessionChangeKind.Gtids:
                    data.ReadByte();
                    all.Add(new SessionChange(kind, "", data.ReadLengthEncodedText()));
                    break;
                case SessionChangeKind.Schema or SessionChangeKind.StateChanged or SessionChangeKind.TransactionCharacteristics
                    or SessionChangeKind.TransactionState:
                    all.Add(new SessionChange(kind, "", data.ReadLengthEncodedText()));
                    break;
                default:
                    all.Add(new SessionChange(kind, "", Encoding.UTF8.GetString(data.ReadRest())));
                    break;
            }
        }

        return all;
    }
}
