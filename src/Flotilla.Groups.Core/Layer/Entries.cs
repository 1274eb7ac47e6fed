using System.Text;
using Flotilla.Primitives;

namespace Flotilla.Groups.Core.Layer;

/// <summary>What each kind of entry does, in the log's order: first to the tables, the same at all nodes, then to this node.</summary>
internal static class Entries
{
    public static void Apply(GroupLayer layer, in LogEntry entry, in LayerEntry read, in PendingSubmit pending)
    {
        switch (read.Kind)
        {
            case LayerEntryKind.Message:
                if (WhyNot(layer, read.Group) is { } reason)
                {
                    layer.Tell(pending, CommandResult.Refused, 0, reason);
                    break;
                }

                Message(layer, entry, read);
                layer.Tell(pending, CommandResult.Done, entry.Sequence, null);
                break;
            case LayerEntryKind.Query: layer.Queries.Delivered(entry, read); break;
            case LayerEntryKind.Join: layer.Seats.Join(entry, GroupList.ReadJoin(read.Payload)!); break;
            case LayerEntryKind.Leave: layer.Seats.Leave(entry, GroupList.ReadLeave(read.Payload)!); break;
            case LayerEntryKind.Ready: layer.Seats.Ready(entry, read.Group, read.Id); break;
            case LayerEntryKind.Claim: layer.Seats.Claim(entry, read.Group); break;
            case LayerEntryKind.Discard:
                layer.Seats.Discard(entry, read.Group);
                layer.Tell(pending, CommandResult.Done, entry.Sequence, null);
                break;
            case LayerEntryKind.StepBack: layer.Seats.StepBack(entry, read.Group); break;
            case LayerEntryKind.Flush: layer.Flushes.Delivered(entry, read); break;
            case LayerEntryKind.Acquire or LayerEntryKind.Release or LayerEntryKind.CancelAcquire:
                layer.Locks.Delivered(entry, read, pending);
                break;
            case LayerEntryKind.Write: Write(layer, entry, read, pending); break;
            case LayerEntryKind.ClientMessage: ClientMessage(layer, entry, read, pending); break;
            case LayerEntryKind.None:
            default: throw new InvariantViolationException($"{read.Kind} passed the parser");
        }
    }

    /// <summary>A message that nobody adds to a state which is only on disks would make all of them worthless.</summary>
    public static string? WhyNot(GroupLayer layer, uint number) => layer.Tables.Find(number) switch
    {
        null => "the group is gone",
        { IsStateAway: true } => "no member has the group's persistent state: send again when one has",
        _ => null,
    };

    private static void Message(GroupLayer layer, in LogEntry entry, in LayerEntry read)
    {
        var group = layer.Tables.Find(read.Group)!;
        group.Change(entry);
        layer.Checkpoints.Note(group, entry, read.Payload, GroupDeliveryKind.Message);
        layer.Locals.FindShared(group.Number)?.OfferMessage(layer, GroupDeliveryKind.Message, entry, read.Payload, 0);
    }

    private static void Write(GroupLayer layer, in LogEntry entry, in LayerEntry read, in PendingSubmit pending)
    {
        if (layer.Tables.Find(read.Group) is not { } group)
        {
            layer.Tell(pending, CommandResult.Refused, 0, "the group is gone");
            return;
        }

        var refusal = group.Apply(Encoding.UTF8.GetString(read.Name), read, entry.Sequence, out var found);
        if (refusal is null)
            layer.Locals.FindShared(group.Number)?.Dictionary.Replace(group.Dictionary);
        layer.Complete(pending.Token, new CommandOutcome
        {
            Result = refusal is null ? CommandResult.Done : CommandResult.Refused,
            Reason = refusal,
            Number = refusal is null ? entry.Sequence : found?.Version ?? 0,
            Body = refusal is null || found is null ? default : found.Value.Span,
        });
    }

    private static void ClientMessage(GroupLayer layer, in LogEntry entry, in LayerEntry read, in PendingSubmit pending)
    {
        // A number is used up only by a message that is delivered: the client may count on that when one is refused.
        if (WhyNot(layer, read.Group) is { } reason)
        {
            layer.Tell(pending, CommandResult.Refused, 0, reason);
            return;
        }

        var turn = layer.Tables.Clients.Take(read.Client, read.Id, entry.Sequence, out var takenAt);
        if (turn == ClientTurn.Next)
        {
            Message(layer, entry, read);
            takenAt = entry.Sequence;
        }

        if (turn == ClientTurn.Gap)
            layer.Tell(pending, CommandResult.Refused, 0, "an earlier message of this client is missing: send again from the first that was not confirmed");
        else
            layer.Tell(pending, CommandResult.Done, takenAt, null);
    }
}
