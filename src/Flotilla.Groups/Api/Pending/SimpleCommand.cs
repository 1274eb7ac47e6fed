using Flotilla.Groups.Core;

namespace Flotilla.Groups;

/// <summary>A command with one outcome: its number.</summary>
internal sealed class SimpleCommand(Action? atEnd = null) : PendingCommand
{
    private readonly TaskCompletionSource<ulong> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<ulong> Ended => _ended.Task;

    public override bool OnOutcome(in CommandOutcome outcome)
    {
        atEnd?.Invoke();
        if (outcome.Result == CommandResult.Done)
            _ended.TrySetResult(outcome.Number);
        else
            _ended.TrySetException(Error(outcome));
        return true;
    }

    public override void Fail(Exception failure)
    {
        atEnd?.Invoke();
        _ended.TrySetException(failure);
    }
}
