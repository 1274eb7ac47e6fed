using Flotilla.Groups.Core;
using Flotilla.Primitives;

namespace Flotilla.Simulation.Groups;

/// <summary>
/// A node's records, as its runtime keeps them in one append-only log. The end of a process keeps what was written and any part, from the
/// front, of what was about to be; the end of the power keeps what was flushed and any part, from the front, of the rest: a record that is
/// torn ends the log. Once a prune is flushed, entries before it and votes that newer ones replaced are gone.
/// </summary>
public sealed class NodeDisk(SeededRandom random)
{
    private readonly List<StoredRecord> _records = [];
    private long _appended;

    /// <summary>Tickets given in this life of the process.</summary>
    public ulong Tickets { get; private set; }

    public ulong WrittenTo { get; private set; }

    public ulong FlushedTo { get; private set; }

    /// <summary>Somebody waits for a flush of what was appended to this ticket.</summary>
    public ulong UrgentTo { get; private set; }

    /// <summary>Nothing ends before.</summary>
    public long StalledUntilNs { get; set; }

    /// <summary>The reason why every write or flush fails from now on; null when none does.</summary>
    public string? Failure { get; set; }

    public bool FailureWasTold { get; set; }

    public bool IsWriting { get; set; }

    public bool IsFlushing { get; set; }

    /// <summary>The flush at work waits for company.</summary>
    public bool IsLazy { get; set; }

    public long SizeBytes { get; private set; }

    /// <summary>How far the entries appended here reach.</summary>
    public ulong EntriesTo { get; private set; }

    public IReadOnlyList<StoredRecord> Records => _records;

    /// <summary>The record that is not what was written, as its checksum tells whoever reads it; -1 for none.</summary>
    public long RottenRecord { get; private set; } = -1;

    public bool IsRotten => RottenRecord >= 0;

    public ulong Append(in PersistRecord record)
    {
        Tickets++;
        _records.Add(new StoredRecord(record.Kind, record.Sequence, record.Body.ToArray(), Tickets, _appended++));
        SizeBytes += record.Body.Length + 32;
        if (record.IsUrgent)
            UrgentTo = Tickets;
        EntriesTo = record.Kind switch
        {
            PersistRecordKind.Entry => Math.Max(EntriesTo, record.Sequence),
            PersistRecordKind.Truncate => Math.Min(EntriesTo, record.Sequence),
            _ => EntriesTo,
        };
        return Tickets;
    }

    public void Written(ulong ticket) => WrittenTo = Math.Max(WrittenTo, ticket);

    /// <summary>Everything to a ticket is flushed; hands each such record out once.</summary>
    public void Flushed(ulong ticket, Action<StoredRecord> each)
    {
        var pruneTo = 0ul;
        for (var i = FirstAfter(FlushedTo); i < _records.Count && _records[i].Ticket <= ticket; i++)
        {
            each(_records[i]);
            if (_records[i].Kind == PersistRecordKind.Prune)
                pruneTo = Math.Max(pruneTo, _records[i].Sequence);
        }

        FlushedTo = Math.Max(FlushedTo, ticket);
        if (pruneTo > 0)
            Prune(pruneTo);
    }

    /// <summary>The process ended; what had been written is there.</summary>
    public void Kill()
    {
        var unwritten = (int)(Tickets - WrittenTo);
        Keep(WrittenTo + (ulong)random.Next(unwritten + 1));
        Begin();
    }

    /// <summary>The power ended; what had been flushed is there.</summary>
    public void LosePower()
    {
        var unflushed = (int)(Tickets - FlushedTo);
        Keep(FlushedTo + (ulong)(random.OneIn(3) ? 0 : random.Next(unflushed + 1)));
        Begin();
    }

    /// <summary>A bit of a record flips.</summary>
    public void Rot(uint draw) => RottenRecord = _records[(int)(draw % (uint)_records.Count)].Number;

    public void Wipe()
    {
        RottenRecord = -1;
        _records.Clear();
        SizeBytes = 0;
        Begin();
    }

    private static bool IsVote(StoredRecord record)
        => record.Kind is PersistRecordKind.Identity or PersistRecordKind.Promise or PersistRecordKind.Accepted or PersistRecordKind.Installed;

    private int FirstAfter(ulong ticket)
    {
        var at = _records.Count;
        while (at > 0 && _records[at - 1].Ticket > ticket)
            at--;
        return at;
    }

    private void Keep(ulong ticket) => _records.RemoveAll(record => record.Ticket > ticket);

    private void Begin()
    {
        for (var i = 0; i < _records.Count; i++)
            _records[i] = _records[i] with { Ticket = 0 };
        SizeBytes = 0;
        EntriesTo = 0;
        foreach (var record in _records)
        {
            SizeBytes += record.Body.Length + 32;
            if (record.Kind == PersistRecordKind.Entry)
                EntriesTo = Math.Max(EntriesTo, record.Sequence);
            else if (record.Kind == PersistRecordKind.Truncate)
                EntriesTo = Math.Min(EntriesTo, record.Sequence);
        }

        (Tickets, WrittenTo, FlushedTo, UrgentTo) = (0, 0, 0, 0);
        (Failure, FailureWasTold, IsWriting, IsFlushing, IsLazy, StalledUntilNs) = (null, false, false, false, false, 0);
    }

    private void Prune(ulong sequence)
    {
        Span<int> last = stackalloc int[16];
        for (var i = 0; i < _records.Count; i++)
            last[(int)_records[i].Kind] = i;
        var kept = 0;
        for (var i = 0; i < _records.Count; i++)
        {
            var record = _records[i];
            var isFlushed = record.Ticket <= FlushedTo;
            var isCovered = (record.Kind == PersistRecordKind.Entry && record.Sequence <= sequence) || (record.Kind == PersistRecordKind.Checkpoint && record.Sequence < sequence);
            var isReplaced = IsVote(record) && i < last[(int)record.Kind] && _records[last[(int)record.Kind]].Ticket <= FlushedTo;
            if (!isFlushed || !(isCovered || isReplaced))
                _records[kept++] = record;
        }

        _records.RemoveRange(kept, _records.Count - kept);
        SizeBytes = _records.Sum(record => record.Body.Length + 32L);
    }
}
