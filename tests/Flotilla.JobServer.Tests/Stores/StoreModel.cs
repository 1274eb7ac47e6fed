using Flotilla.JobServer.Core;

namespace Flotilla.JobServer.Tests.Stores;

/// <summary>What a store must hold, the simplest way it can be said.</summary>
internal sealed class StoreModel
{
    private readonly SortedDictionary<ulong, ModelRecord> _added = [];
    private readonly Dictionary<ulong, ModelRecord> _latest = [];
    private readonly SortedDictionary<string, ModelRecord> _settings = new(StringComparer.Ordinal);

    public ulong HighestId { get; private set; }

    public IEnumerable<ulong> Jobs => _added.Where(entry => entry.Value.Kind == StoredRecordKind.JobAdded).Select(entry => entry.Key);

    public IEnumerable<ulong> Schedules => _added.Where(entry => entry.Value.Kind == StoredRecordKind.ScheduleAdded).Select(entry => entry.Key);

    public StoreModel With(IEnumerable<ModelRecord> records)
    {
        var copy = new StoreModel { HighestId = HighestId };
        foreach (var (id, record) in _added)
            copy._added.Add(id, record);
        foreach (var (id, record) in _latest)
            copy._latest.Add(id, record);
        foreach (var (function, record) in _settings)
            copy._settings.Add(function, record);
        copy.Apply(records);
        return copy;
    }

    public void Apply(IEnumerable<ModelRecord> records)
    {
        foreach (var record in records)
            Apply(record);
    }

    /// <summary>What opening must report, in order.</summary>
    public List<ModelRecord> Image()
    {
        var image = new List<ModelRecord>();
        foreach (var id in Jobs)
        {
            var job = _added[id];
            if (_latest.TryGetValue(id, out var latest))
                job = job with { Attempts = latest.Attempts, DueMs = latest.Kind == StoredRecordKind.JobRetried ? latest.DueMs : job.DueMs };
            image.Add(job);
            if (latest?.Kind == StoredRecordKind.JobBuried)
                image.Add(latest);
        }

        foreach (var id in Schedules)
        {
            image.Add(_added[id]);
            if (_latest.TryGetValue(id, out var fired))
                image.Add(fired);
        }

        image.AddRange(_settings.Values);
        return image;
    }

    private void Apply(ModelRecord record)
    {
        HighestId = Math.Max(HighestId, record.Id);
        switch (record.Kind)
        {
            case StoredRecordKind.JobAdded or StoredRecordKind.ScheduleAdded:
                _added.Add(record.Id, record);
                break;
            case StoredRecordKind.JobRemoved or StoredRecordKind.ScheduleRemoved:
                _added.Remove(record.Id);
                _latest.Remove(record.Id);
                break;
            case StoredRecordKind.FunctionSet when record.Data.Length == 0:
                _settings.Remove(record.Function);
                break;
            case StoredRecordKind.FunctionSet:
                _settings[record.Function] = record;
                break;
            default:
                if (_added.ContainsKey(record.Id))
                    _latest[record.Id] = record;
                break;
        }
    }
}
