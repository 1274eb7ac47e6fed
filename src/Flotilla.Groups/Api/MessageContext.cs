using Flotilla.Groups.Core;

namespace Flotilla.Groups;

/// <summary>What a handler learns of a message besides itself.</summary>
public sealed record MessageContext
{
    public required Group Group { get; init; }

    public required MemberId Sender { get; init; }

    /// <summary>Position in the cluster's log; 0 for raw messages.</summary>
    public required ulong Sequence { get; init; }

    /// <summary>Epoch of the view it was delivered in.</summary>
    public required ulong Epoch { get; init; }

    public required Delivery Delivery { get; init; }

    /// <summary>Repeated from this node's disk after a total failure, to rebuild the state: tell nobody outside again.</summary>
    public required bool IsReplay { get; init; }
}
