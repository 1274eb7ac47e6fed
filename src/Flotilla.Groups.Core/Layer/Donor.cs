using Flotilla.Primitives;

namespace Flotilla.Groups.Core.Layer;

/// <summary>Gives states to newcomers. The shared tables are cut into chunks at once; an application's checkpoint comes piece by piece.</summary>
internal sealed class Donor(GroupLayer layer)
{
    private readonly List<OutboundTransfer> _transfers = [];

    public int Count => _transfers.Count;

    public void Asked(NodeId from, in DirectFrame frame)
    {
        var (to, id) = (new MemberId(from, frame.Incarnation), frame.Id);
        var transfer = _transfers.Find(transfer => transfer.Id == id && transfer.To == to);
        if (frame.Flag)
        {
            if (transfer is not null)
                End(transfer);
            return;
        }

        if (transfer is null)
        {
            if (WhyNot(frame, to) is { } reason)
                Stand(to, id, TransferStanding.Refused, reason);
            else if (layer.Tables.Sequence < frame.Sequence || !layer.Tables.IsInView(to))
                Stand(to, id, TransferStanding.Working, "");
            else
                Begin(to, frame);
            return;
        }

        var isRepeated = frame.Index == transfer.Wanted;
        if (!transfer.Acknowledge(frame.Index, frame.Taken))
            return;
        var now = layer.Context.NowNs;
        transfer.AskedNs = now;
        if (isRepeated && transfer.Sent > frame.Index && now - transfer.SentNs >= LayerLimits.RetryNs / 4)
            transfer.Sent = frame.Index;
        if (!SendMore(transfer))
            Stand(to, id, TransferStanding.Working, "");
        CompletePieces(transfer);
    }

    private string? WhyNot(in DirectFrame frame, MemberId to)
    {
        if (frame.Index != 0)
            return "it knows nothing of that transfer any more";
        if (!layer.IsReady)
            return "it has no state itself";
        if (_transfers.Count(transfer => transfer.To != to) >= LayerLimits.MaxTransfersGiven)
            return $"it gives {LayerLimits.MaxTransfersGiven} states already";
        if (frame.Group == 0 || layer.Tables.Sequence < frame.Sequence)
            return null;
        var isAble = layer.Locals.FindShared(frame.Group) is { Phase: LocalPhase.Active, State: not GroupStateKind.None } local && !local.IsLeaving;
        return isAble ? null : "it does not have that group's state";
    }

    private void Begin(MemberId to, in DirectFrame frame)
    {
        // One per newcomer and state: who asks anew has given up what was before.
        var group = frame.Group;
        foreach (var before in _transfers.Where(transfer => transfer.To.Node == to.Node && (transfer.Group == group || transfer.To != to)).ToArray())
            End(before);
        var transfer = new OutboundTransfer(to, frame.Id, group, layer.Tables.Sequence, layer.NextCorrelation())
        {
            AskedNs = layer.Context.NowNs,
        };
        _transfers.Add(transfer);
        if (group != 0)
        {
            layer.Context.Effects.Deliver(new GroupDelivery
            {
                Kind = GroupDeliveryKind.MakeCheckpoint,
                Group = layer.Locals.FindShared(group)!.Number,
                Sequence = transfer.Cut,
                Epoch = layer.Tables.Epoch,
                Correlation = transfer.Correlation,
            });
            return;
        }

        var writer = layer.Submits.RentWriter();
        layer.Tables.Write(writer);
        var rest = writer.Written;
        for (; rest.Length > CheckpointPiece.MaxBytes; rest = rest[CheckpointPiece.MaxBytes..])
            transfer.Add(rest[..CheckpointPiece.MaxBytes], isLast: false);
        transfer.Add(rest, isLast: true);
        layer.Submits.ReturnWriter(writer);
        SendMore(transfer);
    }

    /// <summary>A piece of an application's checkpoint. False when it belongs to no transfer.</summary>
    public bool TakePiece(ulong token, CheckpointPiece piece)
    {
        if (_transfers.Find(transfer => transfer.Correlation == piece.Correlation) is not { IsWhole: false } transfer)
            return false;
        transfer.Add(piece.Body.Span, piece.IsLast);
        transfer.Waiting.Enqueue(token);
        SendMore(transfer);
        CompletePieces(transfer);
        return true;
    }

    public bool Fail(ulong correlation, string reason)
    {
        if (_transfers.Find(transfer => transfer.Correlation == correlation) is not { } transfer)
            return false;
        Stand(transfer.To, transfer.Id, TransferStanding.Refused, "its application failed: " + reason);
        End(transfer);
        return true;
    }

    private void CompletePieces(OutboundTransfer transfer)
    {
        while (transfer.Waiting.Count > 0 && (transfer.IsWhole || transfer.Made - transfer.Taken < LayerLimits.TransferWindow))
            layer.Complete(transfer.Waiting.Dequeue(), new CommandOutcome { Result = CommandResult.Done });
    }

    private bool SendMore(OutboundTransfer transfer)
    {
        var isAny = false;
        for (; transfer.Sent < transfer.Made && transfer.Sent - transfer.Taken < LayerLimits.TransferWindow; transfer.Sent++)
        {
            var chunk = transfer.Chunk(transfer.Sent);
            layer.SendDirect(transfer.To.Node, new DirectFrame
            {
                Kind = DirectFrameKind.Chunk,
                Incarnation = transfer.To.Incarnation,
                Id = transfer.Id,
                Sequence = transfer.Cut,
                Index = transfer.Sent,
                Flag = chunk.IsLast,
                Checksum = chunk.Checksum,
                Payload = chunk.Bytes,
            });
            transfer.SentNs = layer.Context.NowNs;
            isAny = true;
        }

        return isAny;
    }

    private void Stand(MemberId to, ulong id, TransferStanding standing, string reason)
    {
        if (to.Node == layer.Log.Self.Node)
            return;
        layer.SendDirect(to.Node, new DirectFrame
        {
            Kind = DirectFrameKind.Standing,
            Incarnation = to.Incarnation,
            Id = id,
            Standing = standing,
            Payload = Commands.Reason(reason),
        });
    }

    private void End(OutboundTransfer transfer)
    {
        Invariant.Require(_transfers.Remove(transfer));
        while (transfer.Waiting.TryDequeue(out var token))
            layer.Refuse(token, "nobody needs that checkpoint any more");
    }

    public void OnView() => EndWhere(transfer => !layer.Tables.IsInView(transfer.To));

    public void Tick() => EndWhere(transfer => layer.Context.NowNs - transfer.AskedNs >= LayerLimits.ForgetNs);

    public void EndAll() => EndWhere(_ => true);

    private void EndWhere(Func<OutboundTransfer, bool> which)
    {
        if (_transfers.Count == 0)
            return;
        foreach (var transfer in _transfers.Where(which).ToArray())
            End(transfer);
    }
}
