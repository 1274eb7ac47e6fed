using Flotilla.Gearman.Protocol;
using Flotilla.Primitives;

namespace Flotilla.JobServer.Core;

/// <summary>Text commands on one function. Settings may come before the first job; such a function is listed once it is used.</summary>
internal sealed class FunctionCommands(MachineState state)
{
    public void Run(ConnectionState connection, in AdminRequest request)
    {
        var output = state.Replies.To(connection);
        var name = request.Argument(0);
        var function = TextReply.FindFunction(state, name);
        if (request.Command is AdminCommand.DropFunction or AdminCommand.Resume && function is null)
        {
            output.Append(request.Command == AdminCommand.Resume ? TextReply.UnknownFunction : AdminAnswers.FunctionNotFound);
            return;
        }

        if (name.Length <= state.Options.FunctionNameBytesMax)
            function ??= state.Functions.FindOrAdd(name);
        if (function is null)
        {
            AdminAnswers.WriteError(output, "CREATE_FUNCTION"u8, name);
            return;
        }

        switch (request.Command)
        {
            case AdminCommand.CreateFunction:
                function.IsListed = true;
                break;
            case AdminCommand.DropFunction:
                if (!TryDrop(output, function))
                    return;
                break;
            case AdminCommand.Policy:
                if (!TryPolicy(output, function, request))
                    return;
                break;
            case AdminCommand.MaxQueue:
                function.Limits = Limits(request);
                state.Ledger.SetFunction(function);
                break;
            default:
                Restrain(function, request.Command);
                break;
        }

        output.Append(AdminAnswers.Ok);
    }

    /// <summary>Takes a function away with the jobs that wait in it: their clients are told that they failed.</summary>
    private bool TryDrop(ByteQueue output, FunctionState function)
    {
        if (function.Workers > 0 || function.Running > 0)
        {
            output.Append(AdminAnswers.FunctionInUse);
            return false;
        }

        state.Ledger.ForgetFunction(function);
        state.Purges.Add(function);
        return true;
    }

    /// <summary>Sets what the words say, or shows the policy when there are none.</summary>
    private bool TryPolicy(ByteQueue output, FunctionState function, in AdminRequest request)
    {
        var policy = function.Policy;
        if (request.ArgumentCount == 1)
        {
            Span<byte> text = stackalloc byte[FunctionSettings.SizeBytesMax];
            output.Append("OK "u8);
            output.Append(FunctionSettings.WritePolicy(policy, text));
            output.Append("\r\n"u8);
            return false;
        }

        for (var i = 1; i < request.ArgumentCount; i++)
        {
            if (FunctionSettings.TryApply(ref policy, request.Argument(i)))
                continue;
            AdminAnswers.WriteError(output, "INVALID_ARGUMENTS"u8, request.Argument(i));
            return false;
        }

        function.Policy = policy;
        state.Ledger.SetFunction(function);
        return true;
    }

    private void Restrain(FunctionState function, AdminCommand command)
    {
        function.IsPaused = command == AdminCommand.Pause || (function.IsPaused && command != AdminCommand.Resume);
        function.IsDraining = command == AdminCommand.Drain || (function.IsDraining && command != AdminCommand.Resume);
        state.Functions.UpdateReady(function);
        state.Ledger.SetFunction(function);
        state.WakeUps.Wake(function);
    }

    /// <summary>One number for all priorities or one each; a missing number is no limit.</summary>
    private static QueueLimits Limits(in AdminRequest request)
    {
        var first = Limit(request.Argument(1));
        return request.ArgumentCount <= 2
            ? new QueueLimits(first, first, first)
            : new QueueLimits(first, Limit(request.Argument(2)), Limit(request.Argument(3)));
    }

    private static int Limit(ReadOnlySpan<byte> word) => (int)Math.Clamp(AsciiNumber.Leading(word), 0, int.MaxValue);
}
