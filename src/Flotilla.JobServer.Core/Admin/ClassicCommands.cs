using System.Text;
using Flotilla.Gearman.Protocol;
using Flotilla.Primitives;

namespace Flotilla.JobServer.Core;

/// <summary>The text commands that every Gearman server has; answers are gearmand's to the byte.</summary>
internal sealed class ClassicCommands(MachineState state)
{
    public void Run(ConnectionState connection, in AdminRequest request)
    {
        if (request.Command == AdminCommand.Workers)
        {
            state.Replies.List(connection, new WorkerListing());
            return;
        }

        if (request.Command == AdminCommand.CancelJob)
        {
            var isDone = Cancel(request.Argument(0));
            TextReply.WriteDone(state.Replies.To(connection), isDone);
            return;
        }

        var output = state.Replies.To(connection);
        switch (request.Command)
        {
            case AdminCommand.Status:
                Status(output);
                break;
            case AdminCommand.PriorityStatus:
                PriorityStatus(output);
                break;
            case AdminCommand.Version:
                AdminAnswers.WriteOk(output, Encoding.UTF8.GetBytes(state.Options.Version));
                break;
            case AdminCommand.Verbose:
                AdminAnswers.WriteOk(output, Encoding.UTF8.GetBytes(state.Options.Verbosity));
                break;
            case AdminCommand.GetPid:
                AdminAnswers.WriteOk(output, Encoding.UTF8.GetBytes($"{state.Options.ProcessId}"));
                break;
            case AdminCommand.CancelUnknown:
                output.Append(AdminAnswers.UnknownError);
                break;
            case AdminCommand.ShowUnknown:
                output.Append(AdminAnswers.UnknownShowArguments);
                break;
            case AdminCommand.Incomplete:
                AdminAnswers.WriteIncomplete(output, request.FirstWord);
                break;
            case AdminCommand.Unknown:
                AdminAnswers.WriteUnknownCommand(output, request.FirstWord);
                break;
            default:
                Invariant.Require(false, "a command of this group");
                break;
        }
    }

    private void Status(ByteQueue output)
    {
        for (var i = 0; i < state.Functions.End; i++)
        {
            if (state.Functions.At(i) is { IsListed: true } function)
                AdminAnswers.WriteStatusRow(output, function.Name, function.Queued + function.Delayed + function.Running, function.Running, function.Workers);
        }

        output.Append(AdminAnswers.EndOfList);
    }

    private void PriorityStatus(ByteQueue output)
    {
        for (var i = 0; i < state.Functions.End; i++)
        {
            if (state.Functions.At(i) is not { IsListed: true } function)
                continue;
            AdminAnswers.WritePriorityRow(
                output, function.Name, Waiting(function, JobPriority.High), Waiting(function, JobPriority.Normal), Waiting(function, JobPriority.Low), function.Workers);
        }

        output.Append(AdminAnswers.EndOfList);
    }

    private static int Waiting(FunctionState function, JobPriority priority) => function.QueuedAt(priority) + function.DelayedAt(priority);

    /// <summary>A job in any state, or a schedule.</summary>
    private bool Cancel(ReadOnlySpan<byte> handle)
    {
        if (TextReply.FindId(state, handle) is not { } id)
            return false;
        var job = state.Jobs.Find(id);
        return job != JobTable.None ? state.Lifecycle.Cancel(job) : state.Schedules.Cancel(id.Value);
    }
}
