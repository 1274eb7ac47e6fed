using Flotilla.Groups.Core;

namespace Flotilla.Groups;

/// <summary>Gets hold of this node's copy of a dictionary.</summary>
internal sealed class CopyCommand : PendingCommand
{
    private readonly TaskCompletionSource<DictionaryCopy> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<DictionaryCopy> Ended => _ended.Task;

    public override bool OnOutcome(in CommandOutcome outcome)
    {
        if (outcome.Dictionary is { } copy)
            _ended.TrySetResult(copy);
        else
            _ended.TrySetException(Error(outcome));
        return true;
    }

    public override void Fail(Exception failure) => _ended.TrySetException(failure);
}
