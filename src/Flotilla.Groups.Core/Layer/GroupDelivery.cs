namespace Flotilla.Groups.Core;

/// <summary>Something in a group's order, for the application on this node. Borrowed: valid during the call.</summary>
public readonly ref struct GroupDelivery
{
    public required GroupDeliveryKind Kind { get; init; }

    /// <summary>The group's number on this node, given when the application joined it.</summary>
    public required uint Group { get; init; }

    /// <summary>Position in the log; for raw messages and replies 0.</summary>
    public ulong Sequence { get; init; }

    public ulong Epoch { get; init; }

    public Delivery Delivery { get; init; }

    public MemberId Sender { get; init; }

    /// <summary>A message's body; a piece of a checkpoint.</summary>
    public ReadOnlySpan<byte> Body { get; init; }

    public GroupView? View { get; init; }

    /// <summary>For queries: answer with it. For checkpoints: the transfer.</summary>
    public ulong Correlation { get; init; }

    /// <summary>For pieces of a checkpoint: no more follow.</summary>
    public bool IsLast { get; init; }

    /// <summary>Repeated from disk after a total failure.</summary>
    public bool IsReplay { get; init; }
}
