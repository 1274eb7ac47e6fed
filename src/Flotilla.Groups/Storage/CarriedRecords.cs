using Flotilla.Groups.Core;

namespace Flotilla.Groups.Storage;

/// <summary>The last record of each kind of which only the last one counts: copied to the head of every segment, so that older ones can be dropped.</summary>
internal sealed class CarriedRecords
{
    private readonly List<(PersistRecordKind Kind, ulong Sequence, byte[] Body)> _last = [];

    public void Note(in PersistRecord record)
    {
        if (record.Kind is not (PersistRecordKind.Identity or PersistRecordKind.Promise or PersistRecordKind.Accepted or PersistRecordKind.Installed))
            return;
        for (var i = 0; i < _last.Count; i++)
        {
            if (_last[i].Kind != record.Kind)
                continue;
            _last.RemoveAt(i);
            break;
        }

        _last.Add((record.Kind, record.Sequence, record.Body.ToArray()));
    }

    /// <summary>In the order in which they were written.</summary>
    public void WriteTo(RecordSink sink)
    {
        foreach (var (kind, sequence, body) in _last)
            sink(new PersistRecord(kind, sequence, body));
    }
}
