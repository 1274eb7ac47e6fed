namespace Flotilla.Groups.Core.Tests.Layer;

/// <summary>A delivery as a test reads it.</summary>
internal sealed record Seen(GroupDeliveryKind Kind, uint Group, ulong Sequence, string Body)
{
    public MemberId Sender { get; init; }

    public GroupView? View { get; init; }

    public ulong Correlation { get; init; }

    public bool IsLast { get; init; }

    public bool IsReplay { get; init; }
}
