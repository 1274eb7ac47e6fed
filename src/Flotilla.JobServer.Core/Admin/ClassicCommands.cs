namespace Flotilla.JobServer.Core;

/// <summary>The text commands that every Gearman server has; answers are gearmand's to the byte. Methods answer false for "unknown command".</summary>
internal sealed class ClassicCommands(MachineState state)
{
    public bool Status(ConnectionState connection)
    {
        if (AdminCommands.IsDenied(state, connection, default))
            return true;
        var output = state.Replies.To(connection);
        for (var i = 0; i < state.Functions.End; i++)
        {
            if (state.Functions.At(i) is not { IsDropped: false } function)
                continue;
            TextReply.Name(output, function.Name);
            TextReply.Put(output, "\t"u8);
            TextReply.Number(output, function.Queued + function.Delayed + function.Running);
            TextReply.Put(output, "\t"u8);
            TextReply.Number(output, function.Running);
            TextReply.Put(output, "\t"u8);
            TextReply.Number(output, function.Workers);
            TextReply.Put(output, "\n"u8);
        }

        TextReply.Put(output, ".\n"u8);
        return true;
    }

    public bool PriorityStatus(ConnectionState connection)
    {
        if (AdminCommands.IsDenied(state, connection, default))
            return true;
        var output = state.Replies.To(connection);
        for (var i = 0; i < state.Functions.End; i++)
        {
            if (state.Functions.At(i) is not { IsDropped: false } function)
                continue;
            TextReply.Name(output, function.Name);
            for (var priority = JobPriority.High; priority <= JobPriority.Low; priority++)
            {
                TextReply.Put(output, "\t"u8);
                TextReply.Number(output, function.QueuedAt(priority) + function.DelayedAt(priority));
            }

            TextReply.Put(output, "\t"u8);
            TextReply.Number(output, function.Workers);
            TextReply.Put(output, "\n"u8);
        }

        TextReply.Put(output, ".\n"u8);
        return true;
    }

    public bool Workers(ConnectionState connection)
    {
        if (!AdminCommands.IsDenied(state, connection, default))
            state.Replies.List(connection, new WorkerListing());
        return true;
    }

    public bool Version(ConnectionState connection) => Tell(connection, state.Options.Version);

    public bool Verbose(ConnectionState connection) => Tell(connection, state.Options.Verbosity);

    public bool GetPid(ConnectionState connection)
    {
        if (AdminCommands.IsDenied(state, connection, default))
            return true;
        var output = state.Replies.To(connection);
        TextReply.Put(output, "OK "u8);
        TextReply.Number(output, state.Options.ProcessId);
        TextReply.Put(output, "\n"u8);
        return true;
    }

    /// <summary><c>cancel job H</c>: a job in any state, or a schedule.</summary>
    public bool Cancel(ConnectionState connection, in CommandWords words)
    {
        if (words.Count < 3)
            return false;
        if (words.Count > 3 || !words.Is(1, "job"u8))
        {
            TextReply.Put(state.Replies.To(connection), "ERR UNKNOWN_ERROR\r\n"u8);
            return true;
        }

        if (!state.Handles.TryParse(words[2], out var id))
            return Answer(connection, isDone: false);
        var job = state.Jobs.Find(id);
        if (job != JobTable.None)
        {
            if (AdminCommands.IsDenied(state, connection, state.Functions[state.Jobs[job].Function].Name))
                return true;
            return Answer(connection, state.Lifecycle.Cancel(job));
        }

        if (state.Schedules.Find(id.Value) is { } schedule && AdminCommands.IsDenied(state, connection, schedule.Function))
            return true;
        return Answer(connection, state.Schedules.Cancel(id.Value));
    }

    private bool Answer(ConnectionState connection, bool isDone)
    {
        TextReply.Put(state.Replies.To(connection), isDone ? "OK\r\n"u8 : "ERR UNKNOWN_JOB\r\n"u8);
        return true;
    }

    private bool Tell(ConnectionState connection, string what)
    {
        if (AdminCommands.IsDenied(state, connection, default))
            return true;
        var output = state.Replies.To(connection);
        TextReply.Put(output, "OK "u8);
        TextReply.Put(output, what);
        TextReply.Put(output, "\n"u8);
        return true;
    }
}
