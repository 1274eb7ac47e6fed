using Flotilla.Gearman.Protocol;
using Flotilla.Primitives;

namespace Flotilla.JobServer.Core;

/// <summary>Where bytes for a connection go: out, behind replies that wait, or nowhere when the connection is being closed.</summary>
internal sealed class Replies(MachineState state)
{
    /// <summary>Pooled: enough for the connections that wait for one group commit.</summary>
    private const int PooledHeldMax = 1024;
    private readonly Stack<HeldReplies> _pool = new();
    private readonly ByteQueue _nowhere = new();

    /// <summary>Connections with held replies because of somebody else's record; looked at after each answer of the store.</summary>
    private readonly List<int> _alsoWaiting = [];
    private string _failure = "";

    /// <summary>Where to write the next bytes for a connection.</summary>
    public ByteQueue To(ConnectionState connection)
    {
        if (connection.IsClosing)
            return Nowhere();
        if (connection.Held is { } held)
            return HasRoom(connection, held) ? held.Bytes : Nowhere();
        var output = state.Effects.Output(connection.Id);
        if (output.LengthBytes <= state.Options.OutputBytesMax)
            return output;
        Close(connection, CloseReason.SlowReader, "reads too slowly");
        return Nowhere();
    }

    public void Error(ConnectionState connection, ReadOnlySpan<byte> code, ReadOnlySpan<byte> text)
        => PacketWriter.Write(To(connection), PacketMagic.Response, PacketType.Error, code, text);

    public void JobCreated(ConnectionState connection, ulong jobId)
    {
        Span<byte> handle = stackalloc byte[JobHandles.SizeBytesMax];
        PacketWriter.Write(To(connection), PacketMagic.Response, PacketType.JobCreated, state.Handles.Write(jobId, handle));
    }

    /// <summary>Answers with a job's handle once a record is durable, or with an ERROR when it never will be.</summary>
    public void JobCreatedWhenStored(ConnectionState connection, ulong jobId, ulong sequence, bool isOwnRecord)
    {
        if (connection.IsClosing || !HasRoom(connection, Hold(connection)))
            return;
        Hold(connection).Add(HeldReplyKind.JobCreated, sequence, jobId);
        if (!isOwnRecord)
            _alsoWaiting.Add(connection.Slot);
    }

    /// <summary>Starts a listing: its first slice at once when nothing is in its way, the rest on later steps.</summary>
    public void List(ConnectionState connection, Listing listing)
    {
        if (connection.IsClosing)
            return;
        var held = Hold(connection);
        if (!HasRoom(connection, held))
            return;
        held.Add(HeldReplyKind.Listing, 0, 0);
        held.Listings.Enqueue(listing);
        Release(connection);
    }

    /// <summary>Ends a connection; one log line says why.</summary>
    public void Close(ConnectionState connection, CloseReason reason, string detail)
    {
        if (connection.IsClosing)
            return;
        connection.IsClosing = true;
        Drop(connection);
        state.Effects.Report(new JobServerEvent { Kind = JobServerEventKind.ProtocolViolation, Connection = connection.Id, Detail = detail });
        state.Effects.Close(connection.Id, reason);
    }

    /// <summary>Lets everything out whose turn has come.</summary>
    public void Release(ConnectionState connection)
    {
        if (connection.Held is not { } held)
            return;
        var output = state.Effects.Output(connection.Id);
        Span<byte> handle = stackalloc byte[JobHandles.SizeBytesMax];
        while (held.Count > 0)
        {
            ref var head = ref held.Head;
            held.ReleaseBytesBeforeHead(output);
            if (head.Kind == HeldReplyKind.JobCreated && head.Sequence > state.Ledger.AnsweredUpTo)
                return;
            if (head.Kind == HeldReplyKind.Listing)
            {
                if (!state.Listings.Continue(connection, held.Listings.Peek(), output))
                    return;
                held.Listings.Dequeue();
            }
            else if (head.IsFailed)
            {
                PacketWriter.Write(output, PacketMagic.Response, PacketType.Error, ErrorCodes.QueueError, System.Text.Encoding.UTF8.GetBytes(_failure));
            }
            else
            {
                PacketWriter.Write(output, PacketMagic.Response, PacketType.JobCreated, state.Handles.Write(head.JobId, handle));
            }

            held.RemoveHead();
        }

        held.ReleaseRest(output);
        Drop(connection);
    }

    /// <summary>After an answer of the store: lets out what waited for records of other connections.</summary>
    public void ReleaseAlsoWaiting()
    {
        for (var i = _alsoWaiting.Count - 1; i >= 0; i--)
        {
            if (state.Connections.Find(_alsoWaiting[i]) is { } connection)
            {
                Release(connection);
                if (connection.Held is not null)
                    continue;
            }

            _alsoWaiting[i] = _alsoWaiting[^1];
            _alsoWaiting.RemoveAt(_alsoWaiting.Count - 1);
        }
    }

    /// <summary>Marks the replies that wait for records that will never be durable.</summary>
    public void Fail(ulong firstSequence, ulong lastSequence, string reason)
    {
        _failure = reason;
        for (var slot = 0; slot < state.Connections.End; slot++)
            state.Connections.Find(slot)?.Held?.Fail(firstSequence, lastSequence);
    }

    /// <summary>Forgets what a connection was still to be told.</summary>
    public void Drop(ConnectionState connection)
    {
        if (connection.Held is not { } held)
            return;
        connection.Held = null;
        var isSmall = held.IsSmall;
        held.Clear();
        if (isSmall && _pool.Count < PooledHeldMax)
            _pool.Push(held);
    }

    /// <summary>Whether more may wait for a connection; closes it when not. A peer that asks and never reads cannot fill the memory.</summary>
    private bool HasRoom(ConnectionState connection, HeldReplies held)
    {
        if (held.CostBytes <= state.Options.OutputBytesMax && held.Listings.Count < HeldReplies.ListingsMax)
            return true;
        Close(connection, CloseReason.SlowReader, "asks for more than it reads");
        return false;
    }

    private HeldReplies Hold(ConnectionState connection)
        => connection.Held ??= _pool.TryPop(out var pooled) ? pooled : new HeldReplies();

    private ByteQueue Nowhere()
    {
        _nowhere.Clear();
        return _nowhere;
    }
}
