using Flotilla.Groups.Core.Frames;
using Flotilla.Primitives;

namespace Flotilla.Groups.Core.Log;

/// <summary>Gives the consumer the entries in their order, each when its delivery class allows; the ones behind wait.</summary>
internal sealed class Deliverer(LogState state)
{
    private bool _isAtWork;
    private ClusterView? _view;
    private ulong _replayTo;
    private ulong _stateAskedForEpoch;

    /// <summary>The last sequence given to the state.Consumer.</summary>
    public ulong DeliveredTo { get; private set; }

    /// <summary>This incarnation is in a view and may deliver once it has the state.</summary>
    public bool IsOpen { get; private set; }

    /// <summary>A first view: everybody begins with nothing.</summary>
    public void BeginEmpty()
    {
        IsOpen = true;
        state.HasState = true;
        state.CanRecover = true;
        DeliveredTo = 0;
    }

    /// <summary>From the own disk: what follows a sequence is repeated, to another.</summary>
    public void BeginReplay(ulong from, ulong to)
    {
        IsOpen = true;
        state.HasState = true;
        state.CanRecover = true;
        DeliveredTo = from;
        _replayTo = to;
    }

    /// <summary>A newcomer: the view that takes it in is delivered, the rest waits for the state.</summary>
    public void BeginWithoutState(DecidedView decided)
    {
        IsOpen = true;
        state.HasState = false;
        state.CanRecover = false;
        DeliveredTo = decided.View.StartSequence;
        ShowView(decided.View);
        AskForState(decided.View);
    }

    public void AskForState(ClusterView view)
    {
        if (state.HasState || !IsOpen || _stateAskedForEpoch >= view.Epoch)
            return;
        _stateAskedForEpoch = view.Epoch;
        state.Consumer.OnStateNeeded(view);
    }

    public void StateLoaded(ulong sequence)
    {
        if (state.HasState || !IsOpen)
            return;
        Invariant.Require(sequence >= DeliveredTo && sequence <= state.Log.Head);
        state.HasState = true;
        for (var skipped = DeliveredTo + 1; skipped <= sequence; skipped++)
        {
            DeliveredTo = skipped;
            Skip(EntryCodec.Header(state.Log.Entry(skipped)));
        }

        Advance();
    }

    /// <summary>The loaded state has it already.</summary>
    private void Skip(in EntryHeader header)
    {
        if (header.Kind == LogEntryKind.View)
            SkipView(header.Sequence);
        else if (header.Sender == state.Self)
            state.Submissions.OnDelivered(header.Number);
    }

    /// <summary>This incarnation is out.</summary>
    public void Close()
    {
        IsOpen = false;
        state.HasState = false;
        state.CanRecover = false;
        _view = null;
        _stateAskedForEpoch = 0;
    }

    /// <summary>Delivers what may be delivered.</summary>
    public void Advance()
    {
        if (_isAtWork)
            return;
        _isAtWork = true;
        while (IsOpen && DeliveredTo < state.Log.Head && state.HasState && MayDeliver(DeliveredTo + 1))
            Deliver(DeliveredTo + 1);
        _isAtWork = false;
    }

    /// <summary>Nothing that came after a promise is delivered before a view follows: it may be cut off.</summary>
    private bool MayDeliver(ulong sequence)
    {
        if (state.IsSealed || !state.IsMember)
            return false;
        var header = EntryCodec.Header(state.Log.Entry(sequence));
        return header.Kind == LogEntryKind.View || header.Delivery switch
        {
            Delivery.SafeDurable => sequence <= state.DurableTo,
            Delivery.Safe => sequence <= state.SafeTo || Planted.Is(PlantedBug.DeliverSafeOnReceipt),
            Delivery.Ordered or Delivery.Causal or Delivery.Fifo => true,
            _ => false,
        };
    }

    private void Deliver(ulong sequence)
    {
        var bytes = state.Log.Entry(sequence);
        var header = EntryCodec.Header(bytes);
        Invariant.Require(header.Sequence == sequence && header.Epoch <= state.Epoch);
        DeliveredTo = sequence;
        if (header.Kind == LogEntryKind.View)
        {
            var reader = new FrameReader(EntryCodec.Body(bytes));
            var view = ViewCodec.Read(ref reader)!.View;
            if (sequence <= _replayTo && view.Epoch < state.Epoch)
                state.Consumer.OnView(view, Swap(view));
            else
                ShowView(view);
            return;
        }

        if (header.Sender == state.Self)
            state.Submissions.OnDelivered(header.Number);
        state.Consumer.OnMessage(new LogEntry
        {
            Epoch = header.Epoch, Sequence = sequence, Kind = header.Kind, Delivery = header.Delivery, Sender = header.Sender, Number = header.Number,
            Body = EntryCodec.Body(bytes), IsReplay = sequence <= _replayTo,
        });
    }

    private void ShowView(ClusterView view)
    {
        Invariant.Require(_view is null || view.Epoch > _view.Epoch);
        var before = Swap(view);
        state.Context.Effects.ViewInstalled(view);
        state.Consumer.OnView(view, before);
    }

    /// <summary>A view that the loaded state already knows.</summary>
    private void SkipView(ulong sequence)
    {
        var reader = new FrameReader(EntryCodec.Body(state.Log.Entry(sequence)));
        var view = ViewCodec.Read(ref reader)!.View;
        Swap(view);
        state.Context.Effects.ViewInstalled(view);
    }

    private ClusterView? Swap(ClusterView view)
    {
        var before = _view;
        _view = view;
        return before;
    }
}
