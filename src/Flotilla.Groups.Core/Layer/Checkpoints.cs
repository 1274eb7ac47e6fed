using Flotilla.Primitives;

namespace Flotilla.Groups.Core.Layer;

/// <summary>
/// This node's own checkpoint on disk: the shared tables and the states of its persistent groups, all of one position of the log. After a
/// total failure it is read back, and the log from there on; a persistent group's application gets its state when it joins.
/// </summary>
internal sealed class Checkpoints(GroupLayer layer)
{
    private readonly SortedDictionary<ulong, uint> _awaited = [];
    private readonly SortedDictionary<string, RecoveredGroup> _recovered = new(StringComparer.Ordinal);
    private readonly SortedDictionary<ulong, RecoveredGroup> _kept = [];
    private readonly List<byte[]> _recoveredRecords = [];
    private readonly LayerWriter _recoveredTables = new();
    private ulong _making;
    private long _makingSinceNs;
    private bool _isWantedAgain;
    private bool _isWanted;
    private long _againAtNs = long.MaxValue;

    /// <summary>One ought to be made: once the entry at work is in the tables as a whole.</summary>
    public void Want() => _isWanted = true;

    public void MakeIfWanted()
    {
        if (!_isWanted)
            return;
        _isWanted = false;
        Make();
    }

    /// <summary>Begins one, if none is being made.</summary>
    public void Make()
    {
        if (!layer.IsReady)
            return;
        if (_making != 0 && layer.Context.NowNs - _makingSinceNs < LayerLimits.DonorStalledNs)
        {
            _isWantedAgain = true;
            return;
        }

        (_making, _makingSinceNs, _isWantedAgain) = (layer.Tables.Sequence, layer.Context.NowNs, false);
        _awaited.Clear();
        Persist(CheckpointRecord.Begin);
        var writer = layer.Submits.RentWriter();
        layer.Tables.Write(writer);
        for (var rest = writer.Written; !rest.IsEmpty; rest = rest[Math.Min(rest.Length, CheckpointPiece.MaxBytes)..])
            Persist(CheckpointRecord.Tables(rest[..Math.Min(rest.Length, CheckpointPiece.MaxBytes)]));
        layer.Submits.ReturnWriter(writer);
        PersistWaiting();
        foreach (var group in layer.Locals.Persistent)
            _awaited.Add(layer.NextCorrelation(), group.Shared!.Number);
        foreach (var (correlation, group) in _awaited.ToArray())
        {
            layer.Context.Effects.Deliver(new GroupDelivery
            {
                Kind = GroupDeliveryKind.MakeCheckpoint,
                Group = layer.Locals.FindShared(group)!.Number,
                Sequence = _making,
                Epoch = layer.Tables.Epoch,
                Correlation = correlation,
            });
        }

        EndIfWhole();
    }

    /// <summary>States whose programs have not joined yet: this checkpoint takes the place of the one that has them.</summary>
    private void PersistWaiting()
    {
        foreach (var recovered in _recovered.Values.ToArray())
        {
            if (layer.Tables.Find(recovered.Name) is not { } group || !recovered.IsStateOf(group) || layer.Locals.Persistent.Any(local => local.Shared == group))
            {
                _recovered.Remove(recovered.Name);
                continue;
            }

            Persist(CheckpointRecord.Waiting(group.Number, recovered.HasCheckpoint));
            for (var i = 0; i < recovered.Pieces.Count; i++)
                Persist(CheckpointRecord.OfGroup(group.Number, i == recovered.Pieces.Count - 1, recovered.Pieces[i]));
            foreach (var message in recovered.MessagesOf(group))
                Persist(CheckpointRecord.OfMessage(group.Number, message));
        }
    }

    /// <summary>A piece of an application's checkpoint. False when nobody asked for it under that correlation.</summary>
    public bool TakePiece(ulong token, CheckpointPiece piece)
    {
        if (_kept.TryGetValue(piece.Correlation, out var kept))
        {
            TakeKept(kept, token, piece);
            return true;
        }

        if (!_awaited.TryGetValue(piece.Correlation, out var group))
            return false;
        Persist(CheckpointRecord.OfGroup(group, piece.IsLast, piece.Body.Span));
        layer.Complete(token, new CommandOutcome { Result = CommandResult.Done });
        if (piece.IsLast)
        {
            _awaited.Remove(piece.Correlation);
            EndIfWhole();
        }

        return true;
    }

    public void Fail(ulong correlation, string reason)
    {
        _kept.Remove(correlation);
        if (!_awaited.ContainsKey(correlation))
            return;
        layer.Context.Report(NodeEventKind.Transfer, number: _making, text: "no checkpoint was written: the application failed: " + reason);
        EndAll();
        _againAtNs = layer.Context.NowNs + LayerLimits.CheckpointRetryNs;
    }

    /// <summary>This life is out, and its application is about to forget a state that nobody else may have: it is asked for it before.</summary>
    public void Keep(LocalGroup group)
    {
        if (group is not { Phase: LocalPhase.Active, Shared: { IsPersistent: true } shared } || group.State == GroupStateKind.None)
            return;
        var correlation = layer.NextCorrelation();
        foreach (var earlier in _kept.Where(kept => kept.Value.Name == group.Name).ToArray())
            _kept.Remove(earlier.Key);
        _kept.Add(correlation, new RecoveredGroup(shared, hasCheckpoint: true) { IsAside = true, To = shared.LastSequence });
        layer.Context.Effects.Deliver(new GroupDelivery
        {
            Kind = GroupDeliveryKind.MakeCheckpoint,
            Group = group.Number,
            Sequence = shared.LastSequence,
            Epoch = shared.LastEpoch,
            Correlation = correlation,
        });
    }

    /// <summary>Its application is still giving away a state for <see cref="Keep"/>.</summary>
    public bool IsKeeping(string name) => _kept.Values.Any(kept => kept.Name == name);

    private void TakeKept(RecoveredGroup kept, ulong token, CheckpointPiece piece)
    {
        kept.Pieces.Add(piece.Body.ToArray());
        layer.Complete(token, new CommandOutcome { Result = CommandResult.Done });
        if (!piece.IsLast)
            return;
        kept.IsWhole = true;
        _kept.Remove(piece.Correlation);
        _recovered[kept.Name] = kept;
    }

    public void Tick()
    {
        if (_againAtNs > layer.Context.NowNs)
            return;
        _againAtNs = long.MaxValue;
        Make();
    }

    private void EndIfWhole()
    {
        if (_making == 0 || _awaited.Count > 0)
            return;
        Persist(CheckpointRecord.End, isLast: true);
        _making = 0;
        if (_isWantedAgain)
            Make();
    }

    private void Persist(in CheckpointRecord record, bool isLast = false)
    {
        var writer = layer.Submits.RentWriter();
        record.Write(writer);
        layer.Log.PersistCheckpoint(_making, writer.Written, isLast);
        layer.Submits.ReturnWriter(writer);
    }

    public void EndAll()
    {
        _awaited.Clear();
        (_making, _isWantedAgain, _againAtNs) = (0, false, long.MaxValue);
        foreach (var open in _recovered.Values.Where(group => group.To == 0).ToArray())
            _recovered.Remove(open.Name);
    }

    /// <summary>A piece read back.</summary>
    public void Recover(ulong sequence, ReadOnlySpan<byte> piece, bool isLast)
    {
        // Checksums were checked when it was read: what makes no sense now was written so by us.
        Invariant.Require(CheckpointRecord.TryRead(piece, out var record));
        if (record.Kind == CheckpointRecord.BeginKind)
        {
            _recoveredTables.Clear();
            _recoveredRecords.Clear();
        }
        else if (record.Kind == CheckpointRecord.TablesKind)
        {
            _recoveredTables.Raw(record.Piece);
        }
        else if (record.Kind != CheckpointRecord.EndKind)
        {
            _recoveredRecords.Add(piece.ToArray());
        }

        if (!isLast)
            return;
        var tables = SharedTables.TryRead(_recoveredTables.Written);
        Invariant.Require(tables is not null && tables.Sequence == sequence);
        layer.Load(tables, isCurrent: false);
        _recovered.Clear(); // an older whole one, and what was repeated after it, is superseded
        foreach (var bytes in _recoveredRecords)
            TakeRecovered(bytes);
        _recoveredTables.Clear();
        _recoveredRecords.Clear();
    }

    private void TakeRecovered(ReadOnlySpan<byte> bytes)
    {
        Invariant.Require(CheckpointRecord.TryRead(bytes, out var record));
        if (layer.Tables.Find(record.Group) is not { } group)
            return;
        if (!_recovered.TryGetValue(group.Name, out var recovered))
            _recovered.Add(group.Name, recovered = new RecoveredGroup(group, record.Kind != CheckpointRecord.WaitingKind || record.HasPieces));
        if (record.Kind == CheckpointRecord.WaitingKind)
        {
            recovered.To = layer.Tables.Sequence;
        }
        else if (record.Message is { } message)
        {
            recovered.Messages.Add(message);
        }
        else
        {
            recovered.Pieces.Add(record.Piece.ToArray());
            recovered.IsWhole |= record.IsLast;
        }
    }

    /// <summary>What was read back is of a log that the cluster may not have gone on with: it is for the tables that are fetched to say what of it counts.</summary>
    public void SetAside()
    {
        foreach (var recovered in _recovered.Values)
        {
            recovered.IsAside = true;
            if (recovered.To == 0)
                recovered.To = layer.Tables.Sequence;
        }
    }

    /// <summary>A message of a group is delivered; those read back are kept until the application is here. What misses one is worth nothing.</summary>
    public void Note(SharedGroup group, in LogEntry entry, ReadOnlySpan<byte> body, GroupDeliveryKind kind)
    {
        if (!group.IsPersistent || !_recovered.TryGetValue(group.Name, out var recovered))
            return;
        if (entry.IsReplay && recovered.To == 0)
            recovered.Messages.Add(new RecoveredMessage(kind, entry.Sequence, entry.Epoch, entry.Delivery, entry.Sender, body.ToArray()));
        else
            _recovered.Remove(group.Name);
    }

    public void NoteJoin(SharedGroup group, in LogEntry entry, SeatStart start)
    {
        if (!entry.IsReplay || !group.IsPersistent || entry.Sender.Node != layer.Log.Self.Node)
            return;
        if (start == SeatStart.Created)
            _recovered[group.Name] = new RecoveredGroup(group, hasCheckpoint: false);
        else if (start == SeatStart.Restored && _recovered.TryGetValue(group.Name, out var recovered))
            recovered.To = 0;
        else
            _recovered.Remove(group.Name);
    }

    public void NoteCreate(SharedGroup group, in LogEntry entry, NodeId creator)
    {
        _recovered.Remove(group.Name);
        if (entry.IsReplay && group.IsPersistent && creator == layer.Log.Self.Node)
            _recovered.Add(group.Name, new RecoveredGroup(group, hasCheckpoint: false));
    }

    public void NoteLeave(SharedGroup group, NodeId node, bool isForGood)
    {
        if (node != layer.Log.Self.Node || !_recovered.TryGetValue(group.Name, out var recovered) || recovered.To != 0)
            return;
        // The last to leave in good order leaves its state on its disk.
        recovered.To = layer.Tables.Sequence;
        if (isForGood && group.HasGiver)
            _recovered.Remove(group.Name);
    }

    /// <summary>To which position this node's disk has a group's state, and its lineage; zero for nothing.</summary>
    public (ulong To, ulong Lineage) RecoveredOf(string name)
        => _recovered.TryGetValue(name, out var recovered) && layer.Tables.Find(name) is { } group && recovered.IsStateOf(group) ? (group.LastSequence, group.Lineage) : default;

    /// <summary>Hands what the disk had to the application that joined.</summary>
    public void Restore(LocalGroup group)
    {
        Invariant.Require(_recovered.Remove(group.Name, out var recovered));
        var effects = layer.Context.Effects;
        if (!recovered.HasCheckpoint)
            effects.Deliver(new GroupDelivery { Kind = GroupDeliveryKind.Create, Group = group.Number, Sequence = recovered.Lineage });
        for (var i = 0; i < recovered.Pieces.Count; i++)
        {
            effects.Deliver(new GroupDelivery
            {
                Kind = GroupDeliveryKind.LoadCheckpoint,
                Group = group.Number,
                Body = recovered.Pieces[i],
                IsLast = i == recovered.Pieces.Count - 1,
                IsReplay = true,
            });
        }

        foreach (var message in recovered.MessagesOf(group.Shared!))
        {
            effects.Deliver(new GroupDelivery
            {
                Kind = message.Kind,
                Group = group.Number,
                Sequence = message.Sequence,
                Epoch = message.Epoch,
                Delivery = message.Delivery,
                Sender = message.Sender,
                Body = message.Body,
                IsReplay = true,
            });
        }
    }
}
