using Flotilla.Groups.Core;

namespace Flotilla.Groups;

/// <summary>A command with one outcome: its number.</summary>
internal class SimpleCommand : PendingCommand
{
    private readonly TaskCompletionSource<ulong> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ulong _number;
    private GroupException? _failure;

    public Task<ulong> Ended => _ended.Task;

    public override bool OnOutcome(in CommandOutcome outcome)
    {
        (_number, _failure) = (outcome.Number, outcome.Result == CommandResult.Done ? null : Error(outcome));
        return true;
    }

    public override void OnBatchEnd()
    {
        if (_failure is null)
            _ended.TrySetResult(_number);
        else
            _ended.TrySetException(_failure);
    }

    public override void Fail(Exception failure) => _ended.TrySetException(failure);
}
