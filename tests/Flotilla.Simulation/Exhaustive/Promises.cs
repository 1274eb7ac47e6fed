using Flotilla.Groups.Core;

namespace Flotilla.Simulation.Exhaustive;

/// <summary>What must hold between any two lives, of one node or of two. The names are those of the simulator's checks.</summary>
internal static class Promises
{
    /// <summary>Null when nothing is broken.</summary>
    public static string? Check(Life one, Life other)
        => Views(one, other) ?? Survival(one, other) ?? Survival(other, one) ?? Together(one, other) ?? Together(other, one) ?? Leases(one, other) ?? Leases(other, one);

    /// <summary>What must hold of one life.</summary>
    public static string? Check(Life life)
    {
        for (var i = 1; i < life.Views.Length; i++)
        {
            if (life.Views[i].Epoch <= life.Views[i - 1].Epoch)
                return $"I3MonotoneEpochs: {life.Id} goes from epoch {life.Views[i - 1].Epoch} to {life.Views[i].Epoch}";
        }

        if (life.Views.Any(view => !view.Contains(life.Id)))
            return $"I2SelfInclusion: {life.Id} installed a view without itself";
        for (var i = 0; i < life.Messages.Length; i++)
        {
            if (i > 0 && life.Messages[i].Sequence <= life.Messages[i - 1].Sequence)
                return $"I7TotalOrder: {life.Id} delivers {life.Messages[i].Sequence} after {life.Messages[i - 1].Sequence}";
            for (var j = 0; j < i; j++)
            {
                if (life.Messages[i].Message == life.Messages[j].Message)
                    return $"I9Integrity: {life.Id} delivers message {life.Messages[i].Message} twice";
            }
        }

        return null;
    }

    private static string? Views(Life one, Life other)
    {
        foreach (var view in one.Views)
        {
            foreach (var same in other.Views)
            {
                if (view.Epoch == same.Epoch && (view.StartSequence != same.StartSequence || view.Sequencer != same.Sequencer || !view.Members.SequenceEqual(same.Members)))
                    return $"I1ViewOrder: two views of epoch {view.Epoch}";
            }
        }

        return null;
    }

    /// <summary>A safe message that anybody delivered is with everybody who goes on.</summary>
    private static string? Survival(Life deliverer, Life other)
    {
        foreach (var message in deliverer.Messages)
        {
            if (message.Delivery < Delivery.Safe)
                continue;
            foreach (var view in other.Views)
            {
                if (view.Epoch > message.Epoch && view.StartSequence <= message.Sequence)
                    return $"I11Uniformity: {deliverer.Id} delivered {message}, and epoch {view.Epoch} begins at {view.StartSequence}";
            }

            if (Began(other) < message.Sequence && message.Sequence <= other.DeliveredTo && !other.Has(message))
                return $"I11Uniformity: {deliverer.Id} delivered {message}, {other.Id} did not";
        }

        return null;
    }

    /// <summary>Two lives that go on together delivered the same.</summary>
    private static string? Together(Life one, Life other)
    {
        foreach (var message in one.Messages)
        {
            if (other.Views.FirstOrDefault(view => view.Epoch > message.Epoch && view.Contains(one.Id)) is { } next && message.Sequence >= next.StartSequence)
                return $"I13Optimistic: {one.Id} delivered {message}, goes on, and epoch {next.Epoch} begins at {next.StartSequence}";
            if (Began(other) < message.Sequence && !other.Has(message) && WentPast(other, message, one.Id))
                return $"I6VirtualSynchrony: {one.Id} delivered {message}, {other.Id} did not";
        }

        return null;
    }

    /// <summary>Whether a life delivered something later of the same epoch, or went on to a view with another life.</summary>
    private static bool WentPast(Life life, Delivered message, MemberId with)
        => life.Messages.Any(later => later.Epoch == message.Epoch && later.Sequence > message.Sequence)
            || life.Views.Any(view => view.Epoch > message.Epoch && view.Contains(with));

    /// <summary>No time passes that would end a lease: whoever has one is in every view that another acts for.</summary>
    private static string? Leases(Life holder, Life other)
        => !holder.IsOver && !other.IsOver && holder.LeaseEpoch != 0 && other.LeaseEpoch > holder.LeaseEpoch
            && other.Views.FirstOrDefault(view => view.Epoch == other.LeaseEpoch) is { } view && !view.Contains(holder.Id)
            ? $"I14PrimaryUniqueness: {holder.Id} may act for epoch {holder.LeaseEpoch}, {other.Id} for {other.LeaseEpoch} without it"
            : null;

    /// <summary>A newcomer has no messages from before its first view.</summary>
    private static ulong Began(Life life) => life.Views.IsEmpty ? ulong.MaxValue : life.Views[0].StartSequence;
}
