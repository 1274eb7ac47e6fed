namespace Flotilla.Groups.Core;

/// <summary>
/// A message every member of the group is to answer. Each answer is an outcome with <see cref="CommandOutcome.From"/> set and a result of
/// Partial (a reply), NullReply, Aborted or TimedOut: exactly one per addressed member, unless enough replied before. The end has none set.
/// </summary>
public sealed record QueryGroup(uint Group, ReadOnlyMemory<byte> Body) : GroupCommand
{
    /// <summary><see cref="Delivery.Fifo"/> or stronger.</summary>
    public Delivery Delivery { get; init; } = Delivery.Ordered;

    /// <summary>Replies after which it ends: <see cref="All"/>, <see cref="Majority"/>, or how many.</summary>
    public int Replies { get; init; } = All;

    public long TimeoutNs { get; init; } = 10_000_000_000;

    public const int All = 0;

    public const int Majority = -1;
}
