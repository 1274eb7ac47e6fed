using System.Buffers;

namespace Flotilla.Groups.Core.Layer;

/// <summary>A delivery kept until the state is here.</summary>
internal readonly record struct HeldDelivery(GroupDeliveryKind Kind, ulong Sequence, ulong Epoch)
{
    public Delivery Delivery { get; init; }

    public MemberId Sender { get; init; }

    public byte[]? Body { get; init; }

    public int Length { get; init; }

    public GroupView? View { get; init; }

    public ulong Correlation { get; init; }

    /// <summary>What it counts for against the limit: its own fields too, for messages without a byte are many.</summary>
    public int CostBytes => Length + 200;

    public void Free()
    {
        if (Body is not null)
            ArrayPool<byte>.Shared.Return(Body);
    }
}
