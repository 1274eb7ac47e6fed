using System.Text;
using Flotilla.Primitives;

namespace Flotilla.Groups.Core.Layer;

/// <summary>Which part a command goes to.</summary>
internal static class Commands
{
    public static void Run(GroupLayer layer, ulong token, GroupCommand command)
    {
        switch (command)
        {
            case JoinGroup join: layer.Locals.Join(token, join); break;
            case LeaveGroup leave: layer.Locals.Leave(token, leave.Group); break;
            case QueryGroup query: layer.Queries.Ask(token, query); break;
            case ReplyToQuery reply: Answer(layer, token, reply.Correlation, CommandResult.Partial, reply.Body.Span); break;
            case NullReplyToQuery reply: Answer(layer, token, reply.Correlation, CommandResult.NullReply, default); break;
            case AbortReplyToQuery reply: Answer(layer, token, reply.Correlation, CommandResult.Aborted, Reason(reply.Reason)); break;
            case FlushGroup flush: layer.Flushes.Begin(token, flush); break;
            case CheckpointPiece piece: TakePiece(layer, token, piece); break;
            case CheckpointFailed failed: Fail(layer, token, failed); break;
            case CheckpointTaken taken:
                layer.Newcomer.Taken(taken.Correlation, taken.Pieces);
                layer.Complete(token, new CommandOutcome { Result = CommandResult.Done });
                break;
            case AcquireLock acquire: layer.Locks.Acquire(token, acquire); break;
            case ReleaseLock release: layer.Locks.Release(token, release); break;
            case WriteDictionary write: Write(layer, token, write); break;
            case OpenDictionary open: Open(layer, token, open.Group); break;
            case FellBehind behind: layer.Locals.FellBehind(token, behind.Group); break;
            case CaughtUp caughtUp: layer.Locals.CaughtUp(token, caughtUp.Group); break;
            case DiscardState discard: Discard(layer, token, discard.Group); break;
            default: throw new InvariantViolationException($"no part takes {command.GetType().Name}");
        }
    }

    public static byte[] Reason(string reason)
    {
        var bytes = Encoding.UTF8.GetBytes(reason);
        return bytes.Length <= LayerLimits.MaxReasonBytes ? bytes : bytes[..LayerLimits.MaxReasonBytes];
    }

    private static void Answer(GroupLayer layer, ulong token, ulong correlation, CommandResult result, ReadOnlySpan<byte> body)
    {
        if (body.Length > layer.Context.Options.MaxMessageBytes)
            layer.Refuse(token, $"the reply has {body.Length} bytes, the limit is {layer.Context.Options.MaxMessageBytes}");
        else if (layer.Replies.Answer(correlation, result, body))
            layer.Complete(token, new CommandOutcome { Result = CommandResult.Done });
        else
            layer.Refuse(token, "nobody waits for that reply: it was given, or who asked is gone");
    }

    private static void TakePiece(GroupLayer layer, ulong token, CheckpointPiece piece)
    {
        if (piece.Body.Length > CheckpointPiece.MaxBytes)
            layer.Refuse(token, $"the piece has {piece.Body.Length} bytes, the limit is {CheckpointPiece.MaxBytes}");
        else if (!layer.Donor.TakePiece(token, piece) && !layer.Checkpoints.TakePiece(token, piece))
            layer.Refuse(token, "nobody needs that checkpoint any more");
    }

    private static void Fail(GroupLayer layer, ulong token, CheckpointFailed failed)
    {
        if (!layer.Donor.Fail(failed.Correlation, failed.Reason))
            layer.Checkpoints.Fail(failed.Correlation, failed.Reason);
        layer.Complete(token, new CommandOutcome { Result = CommandResult.Done });
    }

    private static void Write(GroupLayer layer, ulong token, WriteDictionary write)
    {
        var key = Encoding.UTF8.GetBytes(write.Key);
        if (layer.Locals.Find(write.Group) is not { Shared: { } shared })
        {
            layer.Refuse(token, "this node is no member of the group now: join it, or wait for its view");
            return;
        }

        var entry = new LayerEntry
        {
            Kind = LayerEntryKind.Write,
            Group = shared.Number,
            Name = key,
            Condition = write.Condition,
            Version = write.Version,
            Flag = write.Value is not null,
            Payload = write.Value is { } value ? value.Span : default,
        };
        if (key.Length is 0 or > LayerLimits.MaxKeyBytes)
            layer.Refuse(token, $"a key has 1 to {LayerLimits.MaxKeyBytes} bytes, this one {key.Length}");
        else if (entry.Payload.Length > LayerLimits.MaxValueBytes)
            layer.Refuse(token, $"a value has up to {LayerLimits.MaxValueBytes} bytes, this one {entry.Payload.Length}");
        else if (write.Delivery == Delivery.Raw)
            layer.Refuse(token, "a dictionary is written in order: not raw");
        else if (!layer.Submits.TrySubmit(write.Delivery, entry, new PendingSubmit(LayerEntryKind.Write, token)))
            layer.Refuse(token, "too much waits to be sent already: send again when earlier messages are through");
    }

    private static void Open(GroupLayer layer, ulong token, uint group)
    {
        if (layer.Locals.Find(group) is { } local)
            layer.Complete(token, new CommandOutcome { Result = CommandResult.Done, Dictionary = local.Dictionary });
        else
            layer.Refuse(token, "this node never joined the group");
    }

    private static void Discard(GroupLayer layer, ulong token, uint group)
    {
        if (layer.Locals.Find(group) is { Shared: { } shared })
        {
            var entry = new LayerEntry { Kind = LayerEntryKind.Discard, Group = shared.Number };
            layer.Submits.TrySubmit(Delivery.SafeDurable, entry, new PendingSubmit(LayerEntryKind.Discard, token), mustTake: true);
        }
        else
        {
            layer.Refuse(token, "this node is no member of the group now: join it first");
        }
    }
}
