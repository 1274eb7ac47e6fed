using System.Buffers;
using Flotilla.Groups.Core;

namespace Flotilla.Groups;

/// <summary>A delivery on its way to the handlers, with its own copy of the bytes.</summary>
internal readonly struct GroupItem(in GroupDelivery delivery)
{
    private readonly byte[]? _body = Copy(delivery.Body);
    private readonly int _length = delivery.Body.Length;

    public GroupDeliveryKind Kind { get; } = delivery.Kind;

    public ulong Sequence { get; } = delivery.Sequence;

    public ulong Epoch { get; } = delivery.Epoch;

    public Delivery Delivery { get; } = delivery.Delivery;

    public MemberId Sender { get; } = delivery.Sender;

    public GroupView? View { get; } = delivery.View;

    public ulong Correlation { get; } = delivery.Correlation;

    public bool IsLast { get; } = delivery.IsLast;

    public bool IsReplay { get; } = delivery.IsReplay;

    public int CostBytes => _length + 200;

    public ReadOnlySpan<byte> Body => _body.AsSpan(0, _length);

    public void Free()
    {
        if (_body is not null)
            ArrayPool<byte>.Shared.Return(_body);
    }

    private static byte[]? Copy(ReadOnlySpan<byte> body)
    {
        if (body.IsEmpty)
            return null;
        var copy = ArrayPool<byte>.Shared.Rent(body.Length);
        body.CopyTo(copy);
        return copy;
    }
}
