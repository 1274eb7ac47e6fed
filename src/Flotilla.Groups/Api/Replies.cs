using Flotilla.Groups.Core;

namespace Flotilla.Groups;

/// <summary>How many replies a query waits for.</summary>
public readonly record struct Replies
{
    private Replies(int count) => Count = count;

    internal int Count { get; }

    /// <summary>One of every member that the query is delivered to.</summary>
    public static Replies All => new(QueryGroup.All);

    /// <summary>More than half of the members.</summary>
    public static Replies Majority => new(QueryGroup.Majority);

    /// <summary>So many, at least 1.</summary>
    public static Replies Of(int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        return new Replies(count);
    }
}
