using System.Buffers;
using Flotilla.Primitives;

namespace Flotilla.Groups.Core.Layer;

/// <summary>Own entries on their way into the log: held while there is no room, and who waits for them.</summary>
internal sealed class Submissions(GroupLayer layer)
{
    private readonly Queue<PendingSubmit> _pending = new();
    private readonly Queue<Held> _held = new();
    private readonly Stack<LayerWriter> _writers = new();
    private long _heldBytes;
    private ulong _lastNumber;
    private PendingSubmit _given;
    private bool _isGiving;

    private readonly record struct Held(Delivery Delivery, byte[] Body, int Length, PendingSubmit Pending);

    public int PendingCount => _pending.Count;

    /// <summary>Submits or holds an entry. False when there is no room for it even to wait; what must be said is always taken.</summary>
    public bool TrySubmit(Delivery delivery, in LayerEntry entry, PendingSubmit pending, bool mustTake = false)
    {
        var writer = RentWriter();
        entry.Write(writer);
        var taken = TrySubmit(delivery, writer.Written, pending, mustTake);
        ReturnWriter(writer);
        return taken;
    }

    /// <summary>Submits something small that can't be refused.</summary>
    public void Say(in LayerEntry entry) => TrySubmit(Delivery.Ordered, entry, default, mustTake: true);

    /// <summary>A delivery may come from within a submit, so one writer is not enough.</summary>
    public LayerWriter RentWriter() => _writers.TryPop(out var writer) ? writer.Clear() : new LayerWriter();

    public void ReturnWriter(LayerWriter writer) => _writers.Push(writer);

    private bool TrySubmit(Delivery delivery, ReadOnlySpan<byte> body, PendingSubmit pending, bool mustTake)
    {
        if (_held.Count == 0 && layer.CanSubmit)
        {
            Give(delivery, body, pending);
            return true;
        }

        var isFull = _held.Count >= LayerLimits.MaxHeldMessages || _heldBytes + body.Length > layer.Context.Options.MaxUnsequencedBytes;
        if (isFull && !mustTake)
            return false;
        var copy = ArrayPool<byte>.Shared.Rent(body.Length);
        body.CopyTo(copy);
        _held.Enqueue(new Held(delivery, copy, body.Length, pending));
        _heldBytes += body.Length;
        return true;
    }

    /// <summary>There may be room again.</summary>
    public void Pump()
    {
        while (_held.Count > 0 && layer.CanSubmit)
        {
            var next = _held.Dequeue();
            _heldBytes -= next.Length;
            Give(next.Delivery, next.Body.AsSpan(0, next.Length), next.Pending);
            ArrayPool<byte>.Shared.Return(next.Body);
        }
    }

    private void Give(Delivery delivery, ReadOnlySpan<byte> body, PendingSubmit pending)
    {
        // Alone in its view, a sequencer may deliver before Submit returns.
        (_given, _isGiving) = (pending, true);
        var expected = _lastNumber + 1;
        var number = layer.Log.Submit(delivery, body);
        Invariant.Require(number >= expected);
        _lastNumber = Math.Max(_lastNumber, number);
        if (_isGiving && pending.Matters)
            _pending.Enqueue(pending with { Number = number });
        _isGiving = false;
    }

    /// <summary>An own entry is delivered: what it was for; <c>default</c> when nobody asked to be told.</summary>
    public PendingSubmit Take(ulong number)
    {
        while (_pending.TryPeek(out var first) && first.Number <= number)
        {
            _pending.Dequeue();
            if (first.Number == number)
                return first;
            layer.Tell(first, CommandResult.Done, 0, null);
        }

        if (!_isGiving || number <= _lastNumber)
            return default;
        _isGiving = false;
        _lastNumber = number;
        return _given;
    }

    /// <summary>A state was loaded in which own entries are already: they were taken, where is not known.</summary>
    public void SkipTo(ulong number)
    {
        while (_pending.TryPeek(out var first) && first.Number <= number)
            layer.Tell(_pending.Dequeue(), CommandResult.Done, 0, null);
    }

    /// <summary>This life of the node is over: nobody will know what became of what was submitted; what was held never left.</summary>
    public void EndAll(string why)
    {
        while (_pending.TryDequeue(out var pending))
            layer.Tell(pending, CommandResult.Indeterminate, 0, why);
        while (_held.TryDequeue(out var held))
        {
            ArrayPool<byte>.Shared.Return(held.Body);
            layer.Tell(held.Pending, CommandResult.Refused, 0, "it was not sent: " + why);
        }

        _heldBytes = 0;
        _lastNumber = 0;
    }
}
