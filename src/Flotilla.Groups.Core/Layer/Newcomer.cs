using System.Collections.Immutable;
using System.Text;
using Flotilla.Primitives;

namespace Flotilla.Groups.Core.Layer;

/// <summary>
/// Fetches states: asks a donor, takes its chunks in order, says how far it got until all is here. A donor that dies, is silent or refuses is
/// replaced by the next, whose state is of a later position; then everything begins anew. A donor may be ahead of this node, by entries that no
/// later view has if the donor is lost: so a state counts once this node's own log reaches to it, and not when a view comes first.
/// </summary>
internal sealed class Newcomer(GroupLayer layer)
{
    private const int AskEvery = 8;

    private readonly List<InboundTransfer> _transfers = [];

    /// <summary>Nothing can be delivered: the shared tables are on their way.</summary>
    public bool WaitsForTables => _transfers.Exists(transfer => transfer.Group is null);

    public void FetchTables(ClusterView view)
    {
        EndAll();
        Begin(new InboundTransfer(null, view.StartSequence));
    }

    public void Fetch(LocalGroup group, ulong minCut) => Begin(new InboundTransfer(group, minCut));

    /// <summary>What was held back had to be dropped, or the state is of no use: from a later position, then.</summary>
    public void Restart(LocalGroup group, ulong minCut, string why)
    {
        Stop(group);
        layer.Context.Report(NodeEventKind.Transfer, number: minCut, text: $"the transfer of '{group.Name}' begins anew: {why}");
        Fetch(group, minCut);
    }

    /// <summary>The group's state is not needed any more, or not from there.</summary>
    public void Stop(LocalGroup group)
    {
        if (_transfers.Find(transfer => transfer.Group == group) is not { } transfer)
            return;
        _transfers.Remove(transfer);
        Abandon(transfer);
    }

    public void EndAll()
    {
        foreach (var transfer in _transfers.ToArray())
            Abandon(transfer);
        _transfers.Clear();
    }

    public void OnView()
    {
        foreach (var transfer in _transfers.ToArray())
        {
            if (transfer.Id == 0 || transfer.IsWhole)
                continue;
            if (!layer.Tables.IsInView(transfer.Donor))
                NextDonor(transfer, "its donor is gone");
            else if (transfer.Next > 0 && transfer.Cut >= layer.Tables.Sequence)
                NextDonor(transfer, "the view may have begun before the state's position");
        }
    }

    private void Begin(InboundTransfer transfer)
    {
        _transfers.Add(transfer);
        NextDonor(transfer, null);
    }

    /// <summary>Gives up what came so far.</summary>
    private void Abandon(InboundTransfer transfer)
    {
        if (transfer.Id != 0 && layer.Log.View?.Contains(transfer.Donor) == true && layer.Log.Self != transfer.Donor)
            Ask(transfer, isOver: true);
        // Pieces of a state without its rest are worth nothing.
        if (transfer is { Group: { Phase: LocalPhase.Waiting } group, Next: > 0 })
            layer.Locals.Reset(group);
        (transfer.Id, transfer.HasAll) = (0, false);
    }

    private void NextDonor(InboundTransfer transfer, string? why)
    {
        Invariant.Require(!transfer.IsWhole);
        Abandon(transfer);
        (transfer.Next, transfer.Taken, transfer.Checksum) = (0, 0, 0);
        transfer.Buffer.Clear();
        var donors = Donors(transfer);
        if (donors.Length == 0)
            return;
        transfer.Donor = donors[transfer.Attempt++ % donors.Length];
        transfer.Id = layer.NextCorrelation();
        transfer.Lineage = transfer.Group?.Shared!.Lineage ?? 0;
        (transfer.HeardNs, transfer.ProgressNs) = (layer.Context.NowNs, layer.Context.NowNs);
        if (why is not null)
            layer.Context.Report(NodeEventKind.Transfer, transfer.Donor.Node, transfer.Id, $"the transfer of {NameOf(transfer)} goes on with another donor: {why}");
        Ask(transfer, isOver: false);
    }

    private static string NameOf(InboundTransfer transfer) => transfer.Group is { } group ? $"'{group.Name}'" : "the shared tables";

    /// <summary>By wish, then by age, the sequencer last: it has enough to do.</summary>
    private ImmutableArray<MemberId> Donors(InboundTransfer transfer)
    {
        if (layer.Log.View is not { } view)
            return [];
        IEnumerable<MemberId> able = transfer.Group is { } group
            ? group.Shared!.Seats.Where(seat => seat.CanGive).Select(seat => seat.Id)
            : view.Members.Select(member => member.Id);
        var wished = transfer.Group?.Donors ?? [];
        return [.. able.Where(member => member != layer.Log.Self).OrderBy(member => RankOf(member, wished, view))];
    }

    private static int RankOf(MemberId member, ImmutableArray<NodeId> wished, ClusterView view)
    {
        var wish = wished.IsDefaultOrEmpty ? -1 : wished.IndexOf(member.Node);
        if (wish >= 0)
            return wish - wished.Length;
        return member.Node == view.Sequencer ? 1 : 0;
    }

    private void Ask(InboundTransfer transfer, bool isOver)
    {
        transfer.AskedNs = layer.Context.NowNs;
        layer.SendDirect(transfer.Donor.Node, new DirectFrame
        {
            Kind = DirectFrameKind.Ask,
            Incarnation = layer.Log.Self.Incarnation,
            Id = transfer.Id,
            Group = transfer.Group?.Shared?.Number ?? 0,
            Sequence = transfer.MinCut,
            Index = transfer.Next,
            Taken = transfer.Group is null ? transfer.Next : transfer.Taken,
            Flag = isOver,
        });
    }

    private InboundTransfer? Find(NodeId from, in DirectFrame frame)
    {
        var (incarnation, id) = (frame.Incarnation, frame.Id);
        return incarnation == layer.Log.Self.Incarnation
            ? _transfers.Find(transfer => transfer.Id == id && transfer.Id != 0 && transfer.Donor.Node == from && !transfer.HasAll)
            : null;
    }

    public void TakeStanding(NodeId from, in DirectFrame frame)
    {
        if (Find(from, frame) is not { } transfer)
            return;
        transfer.HeardNs = layer.Context.NowNs;
        if (frame.Standing == TransferStanding.Refused)
            Fail(transfer, "its donor refuses: " + Encoding.UTF8.GetString(frame.Payload));
    }

    /// <summary>A donor is of no use; the next is asked at the next tick, so that donors which all refuse are not asked in a circle.</summary>
    private void Fail(InboundTransfer transfer, string why)
    {
        layer.Context.Report(NodeEventKind.Transfer, transfer.Donor.Node, transfer.Id, $"the transfer of {NameOf(transfer)} failed: {why}");
        Abandon(transfer);
        transfer.AskedNs = layer.Context.NowNs;
    }

    public void TakeChunk(NodeId from, in DirectFrame frame)
    {
        if (Find(from, frame) is not { } transfer)
            return;
        var now = layer.Context.NowNs;
        transfer.HeardNs = now;
        var checksum = Checksum.Continue(transfer.Checksum, frame.Payload);
        if (frame.Index != transfer.Next || checksum != frame.Checksum)
        {
            // One is missing (or this one came twice): the donor goes back when it hears so.
            if (now - transfer.AskedNs >= LayerLimits.RetryNs / 4)
                Ask(transfer, isOver: false);
            return;
        }

        if (frame.Sequence < transfer.MinCut || (transfer.Next > 0 && frame.Sequence != transfer.Cut))
        {
            Fail(transfer, $"it is of position {frame.Sequence}");
            return;
        }

        if (transfer.Cut == 0 || !Planted.Is(PlantedBug.DonorKeepsOldCut))
            transfer.Cut = frame.Sequence;
        transfer.Next++;
        transfer.Checksum = checksum;
        transfer.ProgressNs = now;
        if (frame.Flag)
            End(transfer, frame.Payload);
        else
            Take(transfer, frame.Payload, isLast: false);
    }

    private void Take(InboundTransfer transfer, ReadOnlySpan<byte> piece, bool isLast)
    {
        if (transfer.Group is { } group)
        {
            layer.Context.Effects.Deliver(new GroupDelivery
            {
                Kind = GroupDeliveryKind.LoadCheckpoint,
                Group = group.Number,
                Sequence = transfer.Cut,
                Body = piece,
                Correlation = transfer.Id,
                IsLast = isLast,
            });
        }
        else
        {
            transfer.Buffer.Raw(piece);
        }

        if (!isLast && transfer.Next % AskEvery == 0)
            Ask(transfer, isOver: false);
    }

    private void End(InboundTransfer transfer, ReadOnlySpan<byte> lastPiece)
    {
        Ask(transfer, isOver: true);
        transfer.HasAll = true;
        if (transfer.Group is null)
            Take(transfer, lastPiece, isLast: true);
        else
            transfer.LastPiece = lastPiece.ToArray();
        UseIfReached(transfer);
    }

    /// <summary>More is delivered here.</summary>
    public void OnDelivered()
    {
        for (var i = _transfers.Count - 1; i >= 0; i--)
            UseIfReached(_transfers[i]);
    }

    private void UseIfReached(InboundTransfer transfer)
    {
        if (!transfer.HasAll || transfer.IsWhole)
            return;
        if (transfer.Group is not { } group)
        {
            if (layer.Log.Holds(transfer.Cut))
                UseTables(transfer);
        }
        else if (layer.Tables.Sequence >= transfer.Cut)
        {
            transfer.IsWhole = true;
            Take(transfer, transfer.LastPiece, isLast: true);
            group.Activate(layer, transfer.Cut);
        }
    }

    private void UseTables(InboundTransfer transfer)
    {
        if (SharedTables.TryRead(transfer.Buffer.Written) is not { } tables || tables.Sequence != transfer.Cut)
        {
            Fail(transfer, "its bytes make no sense");
            return;
        }

        _transfers.Remove(transfer);
        layer.Load(tables, isCurrent: true);
        layer.Submits.SkipTo(tables.LastNumber(layer.Log.Self));
        layer.Locals.GiveUpSeats();
        layer.Log.StateLoaded(transfer.Cut);
        layer.Locals.SubmitWanted();
        layer.Submits.Pump();
    }

    /// <summary>The application took pieces: more may come. With the last it has the state, and all shall know.</summary>
    public void Taken(ulong correlation, int pieces)
    {
        if (_transfers.Find(transfer => transfer.Id == correlation && transfer.Id != 0) is not { Group: { Shared: { } shared } } transfer)
            return;
        transfer.Taken = (uint)Math.Clamp(transfer.Taken + (long)pieces, 0, transfer.Next);
        if (!transfer.HasAll)
        {
            if (transfer.Taken % AskEvery == 0)
                Ask(transfer, isOver: false);
        }
        else if (transfer.IsWhole && transfer.Taken == transfer.Next && !transfer.IsReadySaid)
        {
            transfer.IsReadySaid = true;
            layer.Submits.Say(new LayerEntry { Kind = LayerEntryKind.Ready, Group = shared.Number, Id = transfer.Lineage });
        }
    }

    public void Tick()
    {
        foreach (var transfer in _transfers.ToArray())
        {
            if (transfer.HasAll)
                UseIfReached(transfer);
            else if (transfer.Id == 0)
                TickAlone(transfer);
            else
                TickAsking(transfer);
        }
    }

    private void TickAsking(InboundTransfer transfer)
    {
        var now = layer.Context.NowNs;
        var isAble = transfer.Group?.Shared is not { } shared || shared.Find(transfer.Donor) is { CanGive: true };
        if (!isAble)
            NextDonor(transfer, "its donor left the group");
        else if (now - transfer.HeardNs >= LayerLimits.DonorSilentNs)
            NextDonor(transfer, "its donor is silent");
        else if (now - transfer.ProgressNs >= LayerLimits.DonorStalledNs && (transfer.Group is null || transfer.Taken == transfer.Next))
            NextDonor(transfer, "its donor sends nothing");
        else if (now - transfer.AskedNs >= LayerLimits.RetryNs)
            Ask(transfer, isOver: false);
    }

    /// <summary>For a tired person: why nothing happens, and how it ends.</summary>
    private string WhatToDo(SharedGroup kept)
    {
        var holders = string.Join(", ", kept.Holders.Select(node => layer.Log.View?.Find(node) is { } member ? $"{member.Name} ({node})" : node.ToString()));
        return $"'{kept.Name}' waits for a member that has its state; {(holders.Length == 0 ? "nobody" : holders)} had it last. Start the group's program there, it brings the state "
            + "from its disk. If they do not come back, or without their disks, the state is lost: DiscardStateAsync, at any member of the group, begins an empty one";
    }

    /// <summary>Nobody to ask: wait for one, or begin the state anew.</summary>
    private void TickAlone(InboundTransfer transfer)
    {
        var now = layer.Context.NowNs;
        if (now - transfer.AskedNs < LayerLimits.RetryNs)
            return;
        transfer.AskedNs = now;
        NextDonor(transfer, null);
        if (transfer.Id != 0)
        {
            transfer.AloneSinceNs = long.MaxValue;
            return;
        }

        if (transfer.AloneSinceNs == long.MaxValue)
        {
            transfer.AloneSinceNs = now;
            if (transfer.Group is { Shared: { IsPersistent: true } kept })
                layer.Context.Report(NodeEventKind.Waiting, text: WhatToDo(kept));
        }
        else if (transfer.Group?.Shared is { IsPersistent: false } shared && now - transfer.AloneSinceNs >= LayerLimits.ClaimDelayNs)
        {
            transfer.AloneSinceNs = now;
            layer.Submits.Say(new LayerEntry { Kind = LayerEntryKind.Claim, Group = shared.Number });
        }
    }
}
