using Flotilla.Groups.Core.Frames;
using Flotilla.Primitives;

namespace Flotilla.Groups.Core.Log;

/// <summary>What goes to disk: counts tickets, knows which entries are written and flushed, and calls back when a record is safe.</summary>
internal sealed class Persistence(NodeContext context, EntryLog log)
{
    private const int MaxRecordBytes = 1 << 20;

    private readonly Queue<(ulong Ticket, Action Then)> _waiting = new();
    private readonly List<Mark> _marks = [];
    private readonly FrameBuilder _builder = new();
    private ulong _issued;
    private ulong _flushedTicket;
    private ulong _persistedTo;
    private ulong _wantedTo;
    private int _writtenMarks;

    private readonly record struct Mark(ulong Ticket, ulong Sequence);

    /// <summary>Nothing that is not flushed by now ever will be.</summary>
    public bool HasFailed { get; private set; }

    /// <summary>Entries to here survive the end of the process.</summary>
    public ulong WrittenTo { get; private set; }

    /// <summary>Entries to here survive the end of the power.</summary>
    public ulong FlushedTo { get; private set; }

    public bool IsDirty => context.Options.LogOnDisk && _persistedTo < log.Head;

    /// <summary>Appends a record, and calls back once it is flushed; never, when the disk fails.</summary>
    public void Write(PersistRecordKind kind, ulong sequence, ReadOnlySpan<byte> body, Action? whenFlushed = null)
    {
        if (HasFailed)
            return;
        context.Effects.Persist(new PersistRecord(kind, sequence, body) { IsUrgent = whenFlushed is not null });
        _issued++;
        if (whenFlushed is not null)
            _waiting.Enqueue((_issued, whenFlushed));
    }

    public FrameBuilder Body() => _builder.Clear();

    /// <summary>Somebody waits until the entries to a sequence are flushed.</summary>
    public void WantFlushed(ulong sequence) => _wantedTo = Math.Max(_wantedTo, sequence);

    /// <summary>Entries that are in the log, but not yet given to the disk.</summary>
    public void WriteEntries(bool isUrgent = false)
    {
        isUrgent |= _persistedTo < _wantedTo;
        if (!context.Options.LogOnDisk)
        {
            _persistedTo = WrittenTo = FlushedTo = log.Head;
            return;
        }

        while (_persistedTo < log.Head && !HasFailed)
        {
            var run = log.Run(_persistedTo + 1, log.Head, MaxRecordBytes, out var last);
            context.Effects.Persist(new PersistRecord(PersistRecordKind.Entry, last, run) { IsUrgent = isUrgent });
            _issued++;
            _persistedTo = last;
            _marks.Add(new Mark(_issued, last));
        }
    }

    /// <summary>What was read back at start is on disk. Entries after a cut are not any more.</summary>
    public void StartAt(ulong persistedTo) => _persistedTo = WrittenTo = FlushedTo = persistedTo;

    /// <summary>Entries after a sequence are void.</summary>
    public void Truncate(ulong sequence)
    {
        if (_persistedTo > sequence && context.Options.LogOnDisk)
            Write(PersistRecordKind.Truncate, sequence, []);
        _persistedTo = Math.Min(_persistedTo, sequence);
        WrittenTo = Math.Min(WrittenTo, sequence);
        FlushedTo = Math.Min(FlushedTo, sequence);
        _wantedTo = Math.Min(_wantedTo, sequence);
        for (var i = 0; i < _marks.Count; i++)
            _marks[i] = _marks[i] with { Sequence = Math.Min(_marks[i].Sequence, sequence) };
    }

    /// <summary>The log begins anew after a point.</summary>
    public void Rebase(ulong sequence)
    {
        (_writtenMarks, _wantedTo) = (0, 0);
        _marks.Clear();
        StartAt(sequence);
    }

    public void OnWritten(ulong ticket)
    {
        for (; _writtenMarks < _marks.Count && _marks[_writtenMarks].Ticket <= ticket; _writtenMarks++)
            WrittenTo = Math.Max(WrittenTo, _marks[_writtenMarks].Sequence);
    }

    public void OnFlushed(ulong ticket)
    {
        Invariant.Require(ticket <= _issued);
        OnWritten(ticket);
        _flushedTicket = Math.Max(_flushedTicket, ticket);
        var passed = 0;
        while (passed < _marks.Count && _marks[passed].Ticket <= ticket)
            FlushedTo = Math.Max(FlushedTo, _marks[passed++].Sequence);
        _marks.RemoveRange(0, passed);
        _writtenMarks -= passed;
        while (_waiting.TryPeek(out var waiting) && waiting.Ticket <= ticket)
            _waiting.Dequeue().Then();
    }

    public void OnFailed()
    {
        HasFailed = true;
        _waiting.Clear();
        _marks.Clear();
        _writtenMarks = 0;
    }
}
