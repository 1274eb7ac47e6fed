using System.Collections.Immutable;

namespace Flotilla.Groups;

/// <summary>What came of a query.</summary>
/// <param name="Answers">At most one per member; of every member, unless enough replied before.</param>
/// <param name="IsComplete">As many replied as were asked for, or nobody is left who could.</param>
public sealed record QueryResult<T>(ImmutableArray<MemberReply<T>> Answers, bool IsComplete)
{
    /// <summary>The replies alone.</summary>
    public IEnumerable<T> Values => Answers.Where(answer => answer.Status == ReplyStatus.Replied).Select(answer => answer.Value!);
}
