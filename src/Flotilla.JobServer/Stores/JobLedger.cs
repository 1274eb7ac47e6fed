using System.Text;
using Flotilla.JobServer.Core;
using Flotilla.Primitives;

namespace Flotilla.JobServer.Stores;

/// <summary>
/// What lives in a log of segments, and where. Fed with every durable record in the order of the log, at opening as well as after
/// each commit; a copy made by cleaning is fed like any other record and moves its job to the new place.
/// </summary>
internal sealed class JobLedger
{
    private readonly LiveTable _jobs = new();
    private readonly Dictionary<ulong, RecordPlace> _updates = [];
    private readonly Dictionary<string, RecordPlace> _settings = new(StringComparer.Ordinal);
    private readonly List<SegmentUse> _segments = [];
    private bool _isOpening = true;

    public long LiveBytes { get; private set; }

    public long UsedBytes { get; private set; }

    public int JobCount => _jobs.Count;

    public ulong HighestId { get; private set; }

    public int SegmentCount => _segments.Count;

    public SegmentUse Oldest => _segments[0];

    public uint Newest => _segments[^1].Number;

    /// <summary>While opening: jobs and schedules in the order of their ids.</summary>
    public IEnumerable<(ulong Id, RecordPlace Place)> JobsInOrder() => _jobs.InOrder();

    public IEnumerable<RecordPlace> Settings() => _settings.OrderBy(setting => setting.Key, StringComparer.Ordinal).Select(setting => setting.Value);

    public bool TryGetUpdate(ulong id, out RecordPlace place) => _updates.TryGetValue(id, out place);

    public void BeginSegment(uint number, ulong highestId)
    {
        Invariant.Require(_segments.Count == 0 || _segments[^1].Number + 1 == number);
        _segments.Add(new SegmentUse(number));
        HighestId = Math.Max(HighestId, highestId);
    }

    /// <summary>Where the valid part of each segment ends.</summary>
    public IEnumerable<(uint Segment, long End)> Ends() => _segments.Select(segment => (segment.Number, segment.UsedBytes));

    /// <summary>The oldest segment with something alive in it, or the newest.</summary>
    public uint FirstInUse()
    {
        var at = 0;
        while (at < _segments.Count - 1 && _segments[at].LiveBytes == 0)
            at++;
        return _segments[at].Number;
    }

    /// <summary>Where the valid part of a segment ends now.</summary>
    public void SetEnd(uint segment, long end)
    {
        var use = Use(segment);
        UsedBytes += end - use.UsedBytes;
        use.UsedBytes = end;
    }

    /// <summary>The oldest segment is needed no more.</summary>
    public void DropOldest()
    {
        Invariant.Require(_segments.Count > 1 && _segments[0].LiveBytes == 0);
        UsedBytes -= _segments[0].UsedBytes;
        _segments.RemoveAt(0);
    }

    /// <summary>Takes note of a durable record.</summary>
    public void Apply(in StoredRecord record, in RecordPlace place)
    {
        var id = record.Id.Value;
        HighestId = Math.Max(HighestId, id);
        switch (record.Kind)
        {
            case StoredRecordKind.JobAdded or StoredRecordKind.ScheduleAdded:
                if (_jobs.TryGet(id, out var before))
                    Count(before, -1);
                _jobs.Set(id, place);
                Count(place, +1);
                break;
            case StoredRecordKind.JobRetried or StoredRecordKind.JobBuried or StoredRecordKind.ScheduleFired:
                ApplyUpdate(id, place);
                break;
            case StoredRecordKind.JobRemoved or StoredRecordKind.ScheduleRemoved:
                if (_jobs.Remove(id, out var removed))
                    Count(removed, -1);
                if (_updates.Remove(id, out var update))
                    Count(update, -1);
                break;
            case StoredRecordKind.FunctionSet:
                ApplySetting(record, place);
                break;
            default:
                Invariant.Require(record.Kind == StoredRecordKind.None);
                break;
        }
    }

    /// <summary>Whether the record at this place, in the oldest segment, must be copied before the segment goes.</summary>
    public bool IsNeeded(in StoredRecord record, in RecordPlace place) => record.Kind switch
    {
        StoredRecordKind.JobAdded or StoredRecordKind.ScheduleAdded
            => _jobs.TryGet(record.Id.Value, out var added) && added.Segment == place.Segment,
        StoredRecordKind.JobRetried or StoredRecordKind.JobBuried or StoredRecordKind.ScheduleFired
            => _updates.TryGetValue(record.Id.Value, out var update) && update == place,
        StoredRecordKind.FunctionSet => _settings.TryGetValue(KeyOf(record), out var setting) && setting == place,
        StoredRecordKind.None or StoredRecordKind.JobRemoved or StoredRecordKind.ScheduleRemoved => false,
        _ => true,
    };

    /// <summary>Everything was fed and reported: from now on an update of an unknown job means nothing.</summary>
    public void EndOpening()
    {
        _isOpening = false;
        foreach (var (id, place) in _updates.Where(update => !_jobs.TryGet(update.Key, out _)).ToList())
        {
            _updates.Remove(id);
            Count(place, -1);
        }

        _jobs.ForgetOffsets();
    }

    /// <summary>A job's copy may come after its latest change, so while opening a change waits for its job.</summary>
    private void ApplyUpdate(ulong id, in RecordPlace place)
    {
        if (!_isOpening && !_jobs.TryGet(id, out _))
            return;
        if (_updates.TryGetValue(id, out var before))
            Count(before, -1);
        _updates[id] = place;
        Count(place, +1);
    }

    private void ApplySetting(in StoredRecord record, in RecordPlace place)
    {
        var key = KeyOf(record);
        if (_settings.Remove(key, out var before))
            Count(before, -1);
        if (record.Data.IsEmpty)
            return;
        _settings.Add(key, place);
        Count(place, +1);
    }

    private void Count(in RecordPlace place, int sign)
    {
        LiveBytes += sign * place.SizeBytes;
        if (_segments.Count > 0 && place.Segment >= _segments[0].Number)
            Use(place.Segment).LiveBytes += sign * place.SizeBytes;
    }

    private SegmentUse Use(uint segment) => _segments[(int)(segment - _segments[0].Number)];

    private static string KeyOf(in StoredRecord record) => Encoding.Latin1.GetString(record.Function);
}
