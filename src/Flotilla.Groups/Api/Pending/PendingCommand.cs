using Flotilla.Groups.Core;

namespace Flotilla.Groups;

/// <summary>A command on its way. Outcomes come on the node's thread; who waits goes on elsewhere.</summary>
internal abstract class PendingCommand
{
    /// <summary>Takes an outcome; true when it was the last.</summary>
    public abstract bool OnOutcome(in CommandOutcome outcome);

    /// <summary>The batch of the last outcome is over: whoever waits may be woken.</summary>
    public virtual void OnBatchEnd()
    {
    }

    public abstract void Fail(Exception failure);

    protected static GroupException Error(in CommandOutcome outcome) => new(
        outcome.Result switch
        {
            CommandResult.Refused => GroupError.Refused,
            CommandResult.TimedOut => GroupError.TimedOut,
            _ => GroupError.Indeterminate,
        },
        outcome.Reason ?? $"it ended {outcome.Result}");
}
