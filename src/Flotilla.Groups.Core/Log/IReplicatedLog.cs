namespace Flotilla.Groups.Core.Log;

/// <summary>What the group layer sees of the log below it.</summary>
internal interface IReplicatedLog
{
    /// <summary>This life of the node; changes when it is evicted and returns.</summary>
    MemberId Self { get; }

    /// <summary>The last view installed here; null before the first.</summary>
    ClusterView? View { get; }

    /// <summary>Whether <see cref="Self"/> is in <see cref="View"/>.</summary>
    bool IsMember { get; }

    /// <summary>Last sequence number given to the consumer.</summary>
    ulong DeliveredTo { get; }

    /// <summary>False while senders must wait: too much is not sequenced yet.</summary>
    bool HasRoom { get; }

    /// <summary>Bytes into the log, in this member's order. Submitted again after view changes until it is delivered or this incarnation is evicted. Returns its number.</summary>
    ulong Submit(Delivery delivery, ReadOnlySpan<byte> body);

    /// <summary>This life has nothing on disk yet that a next one could begin from, and will have.</summary>
    bool AwaitsCheckpoint { get; }

    /// <summary>This node was told to stop: it does not come back in this process.</summary>
    bool IsLeaving { get; }

    /// <summary>Whether everything to a sequence number is in this node's own log, and goes on into every view that this node is in.</summary>
    bool Holds(ulong sequence);

    /// <summary>
    /// The consumer has the shared state as of a sequence number that this log <see cref="Holds"/>: deliver what follows. Called once per incarnation of a newcomer; members of
    /// the first view start with nothing and need not call it.
    /// </summary>
    void StateLoaded(ulong sequence);

    /// <summary>Persists a piece of the state as of <see cref="DeliveredTo"/>; when the last piece is flushed the log before it may be pruned.</summary>
    void PersistCheckpoint(ulong sequence, ReadOnlySpan<byte> piece, bool isLast);
}
