using Flotilla.Primitives;

namespace Flotilla.JobServer.Core;

/// <summary>
/// What a connection will be told once the store has answered or a listing is through: waiting replies, and between them everything else
/// that was written meanwhile, so that replies keep the order of their requests.
/// </summary>
internal sealed class HeldReplies
{
    /// <summary>
    /// Listings of one connection that wait for their turn: each is cheap to ask for and long to write. Far more than any program has
    /// in flight.
    /// </summary>
    public const int ListingsMax = 1000;

    /// <summary>An array that had to grow beyond this is not worth keeping for the next connection.</summary>
    private const int KeptRepliesMax = 1024;
    private HeldReply[] _replies = new HeldReply[4];
    private int _first;
    private long _bytesAssigned;

    public int Count { get; private set; }

    /// <summary>Bytes after and between the waiting replies.</summary>
    public ByteQueue Bytes { get; } = new();

    /// <summary>What is counted against the limit of bytes that may wait for a connection.</summary>
    public long CostBytes => Bytes.LengthBytes + ((long)Count * HeldReply.CostBytes);

    /// <summary>Small enough to be used again for another connection.</summary>
    public bool IsSmall => _replies.Length <= KeptRepliesMax && Listings.Count <= KeptRepliesMax;

    /// <summary>The listings that replies stand for, in their order; the first may be under way.</summary>
    public Queue<Listing> Listings { get; } = new();

    public ref HeldReply Head
    {
        get
        {
            Invariant.Require(Count > 0);
            return ref _replies[_first];
        }
    }

    public void Add(HeldReplyKind kind, ulong sequence, ulong jobId)
    {
        if (Count == _replies.Length)
            Grow();
        ref var reply = ref _replies[(_first + Count) % _replies.Length];
        reply = new HeldReply { Kind = kind, Sequence = sequence, JobId = jobId, BytesBefore = Bytes.LengthBytes - _bytesAssigned };
        _bytesAssigned = Bytes.LengthBytes;
        Count++;
    }

    /// <summary>Moves what was written before the head to the output.</summary>
    public void ReleaseBytesBeforeHead(ByteQueue output)
    {
        ref var head = ref Head;
        Move(output, head.BytesBefore);
        _bytesAssigned -= head.BytesBefore;
        head.BytesBefore = 0;
    }

    public void RemoveHead()
    {
        Invariant.Require(Count > 0 && Head.BytesBefore == 0);
        _first = (_first + 1) % _replies.Length;
        Count--;
    }

    /// <summary>Moves everything that is left, when no reply waits any more.</summary>
    public void ReleaseRest(ByteQueue output)
    {
        Invariant.Require(Count == 0 && _bytesAssigned == 0);
        Bytes.MoveTo(output);
    }

    /// <summary>Marks what waits for records that will never be durable.</summary>
    public void Fail(ulong firstSequence, ulong lastSequence)
    {
        for (var i = 0; i < Count; i++)
        {
            ref var reply = ref _replies[(_first + i) % _replies.Length];
            if (reply.Kind == HeldReplyKind.JobCreated && reply.Sequence >= firstSequence && reply.Sequence <= lastSequence)
                reply.IsFailed = true;
        }
    }

    public void Clear()
    {
        Bytes.Clear();
        Listings.Clear();
        Count = 0;
        _first = 0;
        _bytesAssigned = 0;
    }

    private void Move(ByteQueue output, long count)
    {
        while (count > 0)
        {
            var head = Bytes.Head;
            var taken = (int)Math.Min(count, head.Length);
            output.Append(head[..taken]);
            Bytes.Consume(taken);
            count -= taken;
        }
    }

    private void Grow()
    {
        var grown = new HeldReply[_replies.Length * 2];
        for (var i = 0; i < Count; i++)
            grown[i] = _replies[(_first + i) % _replies.Length];
        _replies = grown;
        _first = 0;
    }
}
