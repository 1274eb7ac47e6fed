using Flotilla.Groups.Core.Frames;
using Flotilla.Primitives;

namespace Flotilla.Groups.Core.Log;

/// <summary>Completes logs: gives entries to whoever asks, and takes those that were asked for. An answer to a ballot counts only while that is the one promised.</summary>
internal sealed class Fetching(LogState state, Deliverer deliverer, Views views, ILogEvents events)
{
    private const int MaxFrameBytes = 1 << 20;

    /// <summary>To where entries are wanted for the promised ballot.</summary>
    public ulong WantedTo { get; set; }

    public void Ask(NodeId from, Ballot ballot, ulong to)
    {
        WantedTo = to;
        new FetchFrame(ballot, state.Log.Head, state.Log.HeadEpoch, to).Write(state.Builder);
        state.Send(from, FrameType.Fetch);
    }

    public void OnFetch(NodeId from, in FetchFrame frame)
    {
        var log = state.Log;
        if (frame.Ballot.Round == 0 ? log.HeadEpoch < frame.Ballot.Epoch : state.Epoch + 1 != frame.Ballot.Epoch || log.HeadEpoch != state.Epoch)
            return;
        // A node that only heard of its view (evicted, a newcomer) may have a log of an earlier epoch that nobody else has.
        if (log.HeadEpoch != state.Epoch)
            return;
        var before = Math.Max(Math.Min(frame.Head, log.Head), log.BaseSequence);
        if (before == frame.Head && log.EpochAt(before) != frame.HeadEpoch)
            before = Math.Min(before, log.LastOfEpoch(frame.HeadEpoch));
        var to = Math.Min(frame.To, log.Head);
        if (before == to && before == log.BaseSequence && before > frame.Head)
        {
            // Nothing is kept of what is asked for: a state covers it. Who asks goes on behind it, if it may.
            new EntriesFrame { Ballot = frame.Ballot, Before = before, BeforeEpoch = log.EpochAt(before), KeptFrom = before + 1 }.WriteHeader(state.Builder);
            state.Send(from, FrameType.Entries);
        }

        for (var sent = 0; before < to && sent < 4;)
        {
            new EntriesFrame { Ballot = frame.Ballot, Before = before, BeforeEpoch = log.EpochAt(before), KeptFrom = log.BaseSequence + 1 }.WriteHeader(state.Builder);
            var run = log.Run(before + 1, to, MaxFrameBytes, out before);
            state.Builder.Bytes(run);
            state.Send(from, FrameType.Entries);
            sent++;
        }
    }

    /// <summary>True when entries came that this node waits for.</summary>
    public bool OnEntries(in EntriesFrame frame)
    {
        var isForView = frame.Ballot.Round == 0;
        if (isForView ? state.Learned?.Epoch != frame.Ballot.Epoch : !state.IsSealed || frame.Ballot != state.Promised)
            return false;
        var head = state.Log.Head;
        Take(frame, isForView ? state.Learned!.Cut : WantedTo, isForView ? frame.Ballot.Epoch - 1 : state.Epoch);
        views.Complete();
        return state.Log.Head != head;
    }

    private void Take(in EntriesFrame frame, ulong to, ulong maxEpoch)
    {
        var log = state.Log;
        if (frame.Before > log.Head && frame.KeptFrom > log.Head + 1 && !state.IsMember)
            Rebase(frame.Before, frame.BeforeEpoch);
        if (frame.Before > log.Head)
            return;
        if (frame.Before >= log.BaseSequence && log.EpochAt(frame.Before) != frame.BeforeEpoch)
        {
            if (frame.Before > log.BaseSequence)
                Cut(Math.Max(log.BaseSequence, Math.Min(frame.Before - 1, log.LastOfEpoch(frame.BeforeEpoch))));
            else if (!state.IsMember)
                Rebase(frame.Before, frame.BeforeEpoch);
            return;
        }

        var entries = frame.Entries;
        while (!entries.IsEmpty)
        {
            var header = EntryCodec.Header(entries);
            if (header.Sequence > to || header.Epoch > maxEpoch)
                break;
            if (log.Has(header.Sequence) && log.EpochAt(header.Sequence) != header.Epoch)
                Cut(header.Sequence - 1);
            if (header.Sequence == log.Head + 1)
            {
                log.Append(entries[..header.TotalBytes]);
                if (header.Epoch == state.Epoch)
                    state.Numbers.OnEntry(header.Sender, header.Number);
            }

            entries = entries[header.TotalBytes..];
        }
    }

    private void Cut(ulong to)
    {
        Invariant.Require(!state.IsMember || deliverer.DeliveredTo <= to);
        state.Log.TruncateTo(to);
        state.Disk.Truncate(to);
    }

    /// <summary>What lies between is kept by nobody: this log goes on behind it. Not of a member that lives: it has what others forgot. Record: u8 1, u64 epoch.</summary>
    private void Rebase(ulong sequence, ulong epoch)
    {
        state.Context.Report(NodeEventKind.Transfer, number: sequence, text: $"nobody keeps what followed {state.Log.Head}: the log goes on after {sequence}");
        events.OnVoid();
        state.Log.Reset(sequence, epoch);
        state.CanRecover = false;
        state.Disk.Rebase(sequence);
        state.Disk.Write(PersistRecordKind.Truncate, sequence, state.Disk.Body().U8(1).U64(epoch).Body);
    }
}
