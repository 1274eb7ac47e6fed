using Flotilla.Gearman.Protocol;

namespace Flotilla.JobServer.Core;

/// <summary><c>dead retry H</c>, <c>dead drop H</c>, <c>dead retry all F</c>, <c>dead drop all F</c>.</summary>
internal sealed class DeadCommands(MachineState state)
{
    public void Run(ConnectionState connection, in AdminRequest request)
    {
        var isRetry = request.Command is AdminCommand.DeadRetry or AdminCommand.DeadRetryAll;
        if (request.Command is AdminCommand.DeadRetry or AdminCommand.DeadDrop)
        {
            var job = TextReply.FindJob(state, request.Argument(0));
            var isDead = job != JobTable.None && state.Jobs[job].State == JobState.Dead;
            if (isDead)
                Apply(job, isRetry);
            TextReply.WriteDone(state.Replies.To(connection), isDead);
            return;
        }

        if (TextReply.FindFunction(state, request.Argument(0)) is not { } function)
        {
            state.Replies.To(connection).Append(TextReply.UnknownFunction);
            return;
        }

        // at most DeadJobsPerFunctionMax, so one step will do
        while (function.DeadHead != JobTable.None)
            Apply(function.DeadHead, isRetry);
        state.Replies.To(connection).Append(AdminAnswers.Ok);
    }

    private void Apply(int job, bool isRetry)
    {
        if (isRetry)
            state.Lifecycle.Revive(job);
        else
            state.Lifecycle.Drop(job);
    }
}
