using System.Collections.Immutable;
using Flotilla.Groups.Core;

namespace Flotilla.Groups;

/// <summary>A query: an outcome per member, then its end.</summary>
internal sealed class QueryCommand<T>(Func<byte[], T> read) : PendingCommand
{
    private readonly TaskCompletionSource<QueryResult<T>> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ImmutableArray<MemberReply<T>>.Builder _answers = ImmutableArray.CreateBuilder<MemberReply<T>>();

    public Task<QueryResult<T>> Ended => _ended.Task;

    public override bool OnOutcome(in CommandOutcome outcome)
    {
        if (!outcome.From.Node.IsNone)
        {
            _answers.Add(Answer(outcome));
            return false;
        }

        if (outcome.Result is CommandResult.Done or CommandResult.TimedOut)
            _ended.TrySetResult(new QueryResult<T>(_answers.ToImmutable(), outcome.Result == CommandResult.Done));
        else
            _ended.TrySetException(Error(outcome));
        return true;
    }

    private MemberReply<T> Answer(in CommandOutcome outcome)
    {
        var from = outcome.From;
        switch (outcome.Result)
        {
            case CommandResult.Partial:
                try
                {
                    return new MemberReply<T>(from, ReplyStatus.Replied, read(outcome.Body.ToArray()), null);
                }
                catch (Exception unreadable)
                {
                    return new MemberReply<T>(from, ReplyStatus.Aborted, default, "its reply can't be read: " + unreadable.Message);
                }

            case CommandResult.Aborted: return new MemberReply<T>(from, ReplyStatus.Aborted, default, outcome.Reason);
            case CommandResult.TimedOut: return new MemberReply<T>(from, ReplyStatus.TimedOut, default, null);
            default: return new MemberReply<T>(from, ReplyStatus.Null, default, null);
        }
    }

    public override void Fail(Exception failure) => _ended.TrySetException(failure);
}
