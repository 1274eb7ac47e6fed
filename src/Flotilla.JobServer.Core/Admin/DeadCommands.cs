namespace Flotilla.JobServer.Core;

/// <summary><c>dead retry H</c>, <c>dead drop H</c>, <c>dead retry all F</c>, <c>dead drop all F</c>.</summary>
internal sealed class DeadCommands(MachineState state)
{
    public bool Run(ConnectionState connection, in CommandWords words)
    {
        var isRetry = words.Is(1, "retry"u8);
        if (!isRetry && !words.Is(1, "drop"u8))
            return false;
        if (words.Count == 3)
            One(connection, words[2], isRetry);
        else if (words.Count == 4 && words.Is(2, "all"u8))
            All(connection, words[3], isRetry);
        else
            AdminCommands.Incomplete(state.Replies.To(connection), words[0]);
        return true;
    }

    private void One(ConnectionState connection, ReadOnlySpan<byte> handle, bool isRetry)
    {
        var job = state.Handles.TryParse(handle, out var id) ? state.Jobs.Find(id) : JobTable.None;
        if (job == JobTable.None || state.Jobs[job].State != JobState.Dead)
        {
            TextReply.Put(state.Replies.To(connection), "ERR UNKNOWN_JOB\r\n"u8);
            return;
        }

        if (AdminCommands.IsDenied(state, connection, state.Functions[state.Jobs[job].Function].Name))
            return;
        Apply(job, isRetry);
        TextReply.Put(state.Replies.To(connection), "OK\r\n"u8);
    }

    /// <summary>At most <see cref="JobMachineOptions.DeadJobsPerFunctionMax"/> jobs, so one step will do.</summary>
    private void All(ConnectionState connection, ReadOnlySpan<byte> name, bool isRetry)
    {
        if (AdminCommands.IsDenied(state, connection, name))
            return;
        if ((state.Functions.Find(name) ?? state.Functions.Find(TextReply.Unescape(name))) is not { } function)
        {
            TextReply.Put(state.Replies.To(connection), "ERR UNKNOWN_FUNCTION no+such+function\r\n"u8);
            return;
        }

        while (function.DeadHead != JobTable.None)
            Apply(function.DeadHead, isRetry);
        TextReply.Put(state.Replies.To(connection), "OK\r\n"u8);
    }

    private void Apply(int job, bool isRetry)
    {
        if (isRetry)
            state.Lifecycle.Revive(job);
        else
            state.Lifecycle.Drop(job);
    }
}
