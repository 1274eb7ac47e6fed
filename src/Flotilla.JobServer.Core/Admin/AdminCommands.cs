using Flotilla.Gearman.Protocol;

namespace Flotilla.JobServer.Core;

/// <summary>Sends each text line to who understands it.</summary>
internal sealed class AdminCommands(MachineState state)
{
    private readonly ClassicCommands _classic = new(state);
    private readonly ShowCommands _show = new(state);
    private readonly FunctionCommands _functions = new(state);
    private readonly DeadCommands _dead = new(state);

    public void Run(ConnectionState connection, ReadOnlySpan<byte> line)
    {
        if (!AdminRequest.TryParse(line, out var request, out var error))
        {
            state.Replies.Close(connection, CloseReason.ProtocolError, $"a text command has too many words: {error}");
            return;
        }

        if (request.Command == AdminCommand.Auth)
        {
            Authenticate(connection, request.ArgumentToEnd(0));
        }
        else if (!connection.IsAuthenticated)
        {
            state.Access.ReportDenied(connection, default, "not authenticated");
            state.Replies.To(connection).Append(AdminAnswers.NotAuthorized);
        }
        else if (!IsDenied(connection, request))
        {
            Dispatch(connection, request);
        }
    }

    /// <summary>Asks for the right to the function that a command names, or to the server as a whole; answers when it is missing.</summary>
    private bool IsDenied(ConnectionState connection, in AdminRequest request)
    {
        var function = FunctionOf(request);
        if (state.Access.Allows(connection, function, AccessRights.Admin))
            return false;
        state.Access.ReportDenied(connection, function, "admin");
        state.Replies.To(connection).Append(TextReply.NotAllowed);
        return true;
    }

    private ReadOnlySpan<byte> FunctionOf(in AdminRequest request)
    {
        switch (request.Command)
        {
            case AdminCommand.CreateFunction or AdminCommand.DropFunction or AdminCommand.MaxQueue or AdminCommand.Pause or AdminCommand.Resume
                or AdminCommand.Drain or AdminCommand.Policy or AdminCommand.ShowQueue or AdminCommand.ShowDead or AdminCommand.DeadRetryAll
                or AdminCommand.DeadDropAll:
                var name = request.Argument(0);
                return TextReply.FindFunction(state, name) is { } function ? function.Name : name;
            case AdminCommand.CancelJob or AdminCommand.ShowJob or AdminCommand.DeadRetry or AdminCommand.DeadDrop:
                var job = TextReply.FindJob(state, request.Argument(0));
                if (job != JobTable.None)
                    return state.Functions[state.Jobs[job].Function].Name;
                return TextReply.FindId(state, request.Argument(0)) is { } id ? state.Schedules.Find(id.Value)?.Function : default;
            default:
                return default;
        }
    }

    private void Dispatch(ConnectionState connection, in AdminRequest request)
    {
        switch (request.Command)
        {
            case AdminCommand.ShowJobs or AdminCommand.ShowUniqueJobs or AdminCommand.ShowFunctions or AdminCommand.ShowServer
                or AdminCommand.ShowJob or AdminCommand.ShowQueue or AdminCommand.ShowDead or AdminCommand.ShowSchedules:
                _show.Run(connection, request);
                break;
            case AdminCommand.CreateFunction or AdminCommand.DropFunction or AdminCommand.MaxQueue or AdminCommand.Pause
                or AdminCommand.Resume or AdminCommand.Drain or AdminCommand.Policy:
                _functions.Run(connection, request);
                break;
            case AdminCommand.DeadRetry or AdminCommand.DeadDrop or AdminCommand.DeadRetryAll or AdminCommand.DeadDropAll:
                _dead.Run(connection, request);
                break;
            default:
                _classic.Run(connection, request);
                break;
        }
    }

    private void Authenticate(ConnectionState connection, ReadOnlySpan<byte> secret)
    {
        if (connection.IsAuthenticated || state.Access.IsSecret(secret))
        {
            connection.IsAuthenticated = true;
            state.Replies.To(connection).Append(AdminAnswers.Ok);
            return;
        }

        state.Access.ReportDenied(connection, default, "wrong secret");
        state.Replies.To(connection).Append(TextReply.WrongSecret);
        state.Replies.Close(connection, CloseReason.NotAuthorized, "wrong secret");
    }
}
