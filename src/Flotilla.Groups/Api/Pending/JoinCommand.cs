using Flotilla.Groups.Core;

namespace Flotilla.Groups;

/// <summary>A join: first the numbers of its groups on this node, one by one, then its end.</summary>
internal sealed class JoinCommand(IReadOnlyList<Group> groups, Action<uint, Group> onNumber) : PendingCommand
{
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _numbered;

    public Task Ended => _ended.Task;

    public override bool OnOutcome(in CommandOutcome outcome)
    {
        switch (outcome.Result)
        {
            case CommandResult.Partial:
                onNumber((uint)outcome.Number, groups[_numbered++]);
                return false;
            case CommandResult.Done:
                foreach (var group in groups)
                    group.IsJoined = true;
                _ended.TrySetResult();
                return true;
            default:
                Forget();
                _ended.TrySetException(Error(outcome));
                return true;
        }
    }

    public override void Fail(Exception failure)
    {
        Forget();
        _ended.TrySetException(failure);
    }

    private void Forget()
    {
        foreach (var group in groups)
            group.IsWanted = false;
    }
}
