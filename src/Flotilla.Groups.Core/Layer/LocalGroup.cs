using System.Buffers;
using System.Collections.Immutable;
using Flotilla.Primitives;

namespace Flotilla.Groups.Core.Layer;

/// <summary>A group this node's application joined.</summary>
internal sealed class LocalGroup(uint number, GroupJoin wish, JoinOperation operation)
{
    private readonly Queue<HeldDelivery> _held = new();
    private long _heldBytes;
    private GroupView? _lastView;

    /// <summary>On this node.</summary>
    public uint Number { get; } = number;

    public string Name => wish.Name;

    public GroupStateKind State => wish.State;

    public ImmutableArray<NodeId> Donors => wish.Donors;

    public LocalPhase Phase { get; set; }

    /// <summary>Null while this node is not a member.</summary>
    public SharedGroup? Shared { get; set; }

    /// <summary>The command that still waits; null when it ended.</summary>
    public JoinOperation? Operation { get; set; } = operation;

    public bool IsLeaving { get; set; }

    public ulong LeaveToken { get; set; }

    public bool IsLeaveSubmitted { get; set; }

    /// <summary>The application does not keep up.</summary>
    public bool IsBehind { get; set; }

    /// <summary>When this node last said that it wants to step back.</summary>
    public long SteppedBackNs { get; set; } = long.MinValue / 2;

    public DictionaryCopy Dictionary { get; } = new();

    public void OfferRaw(GroupLayer layer, MemberId sender, ReadOnlySpan<byte> body)
    {
        if (Phase == LocalPhase.Active)
            layer.Context.Effects.Deliver(new GroupDelivery { Kind = GroupDeliveryKind.Message, Group = Number, Sender = sender, Body = body });
    }

    public void OfferMessage(GroupLayer layer, GroupDeliveryKind kind, in LogEntry entry, ReadOnlySpan<byte> body, ulong correlation)
    {
        if (Phase == LocalPhase.Active || (Phase == LocalPhase.Waiting && Planted.Is(PlantedBug.DeliverBeforeState)))
        {
            layer.Context.Effects.Deliver(new GroupDelivery
            {
                Kind = kind,
                Group = Number,
                Sequence = entry.Sequence,
                Epoch = entry.Epoch,
                Delivery = entry.Delivery,
                Sender = entry.Sender,
                Body = body,
                Correlation = correlation,
            });
        }
        else if (Phase == LocalPhase.Waiting)
        {
            var copy = ArrayPool<byte>.Shared.Rent(body.Length);
            body.CopyTo(copy);
            Hold(layer, new HeldDelivery(kind, entry.Sequence, entry.Epoch)
            {
                Delivery = entry.Delivery,
                Sender = entry.Sender,
                Body = copy,
                Length = body.Length,
                Correlation = correlation,
            });
        }
    }

    public void OfferView(GroupLayer layer, GroupView view)
    {
        if (Phase == LocalPhase.Active)
            Deliver(layer, view);
        else if (Phase == LocalPhase.Waiting)
            Hold(layer, new HeldDelivery(GroupDeliveryKind.View, view.Sequence, view.Epoch) { View = view });
    }

    /// <summary>This node's first view of the group, held until its state is here.</summary>
    public void BeginWithView(GroupView view) => _lastView = view;

    private void Hold(GroupLayer layer, HeldDelivery held)
    {
        _held.Enqueue(held);
        _heldBytes += held.CostBytes;
        if (_heldBytes <= layer.Context.Options.MaxLagBytes)
            return;
        // What is dropped must be in the state that is fetched instead.
        var dropped = layer.Tables.Sequence;
        DropHeldTo(layer, dropped);
        layer.Newcomer.Restart(this, dropped, "too much was delivered meanwhile");
    }

    /// <summary>The state as of a position is with the application, or on its way to it: the rest follows in order.</summary>
    public void Activate(GroupLayer layer, ulong cut)
    {
        Invariant.Require(Phase == LocalPhase.Waiting);
        DropHeldTo(layer, cut);
        Phase = LocalPhase.Active;
        if (_lastView is { } view)
            Deliver(layer, view);
        while (_held.TryDequeue(out var held))
        {
            if (held.View is { } later)
                Deliver(layer, later);
            else
                Deliver(layer, held);
            held.Free();
        }

        _heldBytes = 0;
    }

    private void DropHeldTo(GroupLayer layer, ulong sequence)
    {
        while (_held.TryPeek(out var held) && held.Sequence <= sequence)
        {
            _held.Dequeue();
            _heldBytes -= held.CostBytes;
            _lastView = held.View ?? _lastView;
            if (held.Kind == GroupDeliveryKind.Query)
                layer.Replies.Answer(held.Correlation, CommandResult.NullReply, default);
            held.Free();
        }
    }

    public void DropHeld(GroupLayer layer)
    {
        DropHeldTo(layer, ulong.MaxValue);
        _lastView = null;
    }

    private void Deliver(GroupLayer layer, GroupView view)
    {
        _lastView = view;
        layer.Context.Effects.Deliver(new GroupDelivery
        {
            Kind = GroupDeliveryKind.View,
            Group = Number,
            Sequence = view.Sequence,
            Epoch = view.Epoch,
            View = view,
        });
    }

    private void Deliver(GroupLayer layer, in HeldDelivery held) => layer.Context.Effects.Deliver(new GroupDelivery
    {
        Kind = held.Kind,
        Group = Number,
        Sequence = held.Sequence,
        Epoch = held.Epoch,
        Delivery = held.Delivery,
        Sender = held.Sender,
        Body = held.Body.AsSpan(0, held.Length),
        Correlation = held.Correlation,
    });
}
