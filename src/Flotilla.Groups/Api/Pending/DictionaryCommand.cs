using Flotilla.Groups.Core;

namespace Flotilla.Groups;

/// <summary>A write to a dictionary: taken, or what stood in its way.</summary>
internal sealed class DictionaryCommand(bool hasCondition) : PendingCommand
{
    private readonly TaskCompletionSource<DictionaryWrite> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<DictionaryWrite> Ended => _ended.Task;

    public override bool OnOutcome(in CommandOutcome outcome)
    {
        if (outcome.Result == CommandResult.Done)
            _ended.TrySetResult(new DictionaryWrite(true, outcome.Number));
        else if (outcome.Result == CommandResult.Refused && hasCondition && outcome.Reason?.StartsWith("the key", StringComparison.Ordinal) == true)
            _ended.TrySetResult(new DictionaryWrite(false, outcome.Number));
        else
            _ended.TrySetException(Error(outcome));
        return true;
    }

    public override void Fail(Exception failure) => _ended.TrySetException(failure);
}
