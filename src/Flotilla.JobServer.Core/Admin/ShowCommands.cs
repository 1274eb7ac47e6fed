using System.Buffers.Text;

namespace Flotilla.JobServer.Core;

/// <summary><c>show ...</c>: gearmand's listings of jobs, and ours in JSON lines. Methods answer false for "unknown command".</summary>
internal sealed class ShowCommands(MachineState state)
{
    private const int QueueLinesDefault = 100;

    /// <summary>A queue is walked in one step; this many lines are a few milliseconds.</summary>
    private const int QueueLinesMax = 10_000;

    public bool Run(ConnectionState connection, in CommandWords words)
    {
        if (words.Count < 2)
            return false;
        if (words.Is(1, "job"u8) && words.Count == 3)
        {
            Job(connection, words[2]);
            return true;
        }

        var function = (words.Is(1, "queue"u8) || words.Is(1, "dead"u8)) && words.Count > 2 ? words[2] : default;
        if (AdminCommands.IsDenied(state, connection, function))
            return true;
        if (words.Is(1, "jobs"u8) && words.Count == 2)
            state.Replies.List(connection, new JobListing(JobListing.Format.Jobs));
        else if (words.Is(1, "unique"u8) && words.Is(2, "jobs"u8) && words.Count == 3)
            state.Replies.List(connection, new JobListing(JobListing.Format.Uniques));
        else if (words.Is(1, "dead"u8) && words.Count <= 3)
            Dead(connection, function);
        else if (words.Is(1, "queue"u8) && words.Count is 3 or 4)
            Queue(connection, function, words[3]);
        else if (words.Is(1, "functions"u8) && words.Count == 2)
            Functions(connection);
        else if (words.Is(1, "server"u8) && words.Count == 2)
            ServerLine.Write(state, state.Replies.To(connection));
        else if (words.Is(1, "schedules"u8) && words.Count == 2)
            Schedules(connection);
        else
            TextReply.Put(state.Replies.To(connection), "ERR UNKNOWN_SHOW_ARGUMENTS\r\n"u8);
        return true;
    }

    private void Job(ConnectionState connection, ReadOnlySpan<byte> handle)
    {
        var job = state.Handles.TryParse(handle, out var id) ? state.Jobs.Find(id) : JobTable.None;
        if (job == JobTable.None || state.Functions[state.Jobs[job].Function].IsDropped)
            TextReply.Put(state.Replies.To(connection), "ERR UNKNOWN_JOB\r\n"u8);
        else if (!AdminCommands.IsDenied(state, connection, state.Functions[state.Jobs[job].Function].Name))
            JobDetails.Write(state, state.Replies.To(connection), job);
    }

    private void Dead(ConnectionState connection, ReadOnlySpan<byte> name)
    {
        var function = name.IsEmpty ? null : Find(name);
        if (!name.IsEmpty && function is null)
            Unknown(connection);
        else if ((function?.Dead ?? state.DeadJobs) == 0)
            TextReply.Put(state.Replies.To(connection), ".\n"u8);
        else
            state.Replies.List(connection, new JobListing(JobListing.Format.Dead, function?.Index ?? -1));
    }

    private void Queue(ConnectionState connection, ReadOnlySpan<byte> name, ReadOnlySpan<byte> count)
    {
        if (Find(name) is not { } function)
        {
            Unknown(connection);
            return;
        }

        var left = QueueLinesDefault;
        if (!count.IsEmpty && Utf8Parser.TryParse(count, out int wanted, out _))
            left = Math.Clamp(wanted, 0, QueueLinesMax);
        var output = state.Replies.To(connection);
        for (var priority = JobPriority.High; priority <= JobPriority.Low; priority++)
        {
            for (var job = function.QueueHead(priority); job != JobTable.None && left > 0; job = state.Jobs[job].Next, left--)
                JobDetails.Write(state, output, job);
        }

        for (var job = function.DelayedHead; job != JobTable.None && left > 0; job = state.Jobs[job].Next, left--)
            JobDetails.Write(state, output, job);
        TextReply.Put(output, ".\n"u8);
    }

    private void Functions(ConnectionState connection)
    {
        var output = state.Replies.To(connection);
        Span<byte> policy = stackalloc byte[FunctionSettings.SizeBytesMax];
        for (var i = 0; i < state.Functions.End; i++)
        {
            if (state.Functions.At(i) is not { IsDropped: false } function)
                continue;
            var json = new JsonLine(output);
            json.Field("name"u8, function.Name);
            json.Field("queuedHigh"u8, function.QueuedAt(JobPriority.High));
            json.Field("queuedNormal"u8, function.QueuedAt(JobPriority.Normal));
            json.Field("queuedLow"u8, function.QueuedAt(JobPriority.Low));
            json.Field("running"u8, function.Running);
            json.Field("delayed"u8, function.Delayed);
            json.Field("dead"u8, function.Dead);
            json.Field("workers"u8, function.Workers);
            json.Field("paused"u8, function.IsPaused);
            json.Field("draining"u8, function.IsDraining);
            json.Field("payloadBytes"u8, function.PayloadBytes);
            json.BeginObject("maxQueue"u8);
            json.Field("high"u8, function.Limits.High);
            json.Field("normal"u8, function.Limits.Normal);
            json.Field("low"u8, function.Limits.Low);
            json.EndObject();
            json.Field("policy"u8, FunctionSettings.WritePolicy(function.Policy, policy));
            json.EndLine();
        }

        TextReply.Put(output, ".\n"u8);
    }

    private void Schedules(ConnectionState connection)
    {
        var output = state.Replies.To(connection);
        foreach (var schedule in state.Schedules.All)
        {
            if (schedule.IsPending)
                continue;
            var json = new JsonLine(output);
            json.Handle("handle"u8, state, schedule.Id);
            json.Field("function"u8, schedule.Function);
            json.Field("unique"u8, schedule.Unique);
            json.Field("schedule"u8, schedule.Text);
            json.Field("nextMs"u8, schedule.NextMs);
            if (schedule.LastMs == 0)
                json.Null("lastMs"u8);
            else
                json.Field("lastMs"u8, schedule.LastMs);
            json.EndLine();
        }

        TextReply.Put(output, ".\n"u8);
    }

    private FunctionState? Find(ReadOnlySpan<byte> name) => state.Functions.Find(name) ?? state.Functions.Find(TextReply.Unescape(name));

    private void Unknown(ConnectionState connection)
        => TextReply.Put(state.Replies.To(connection), "ERR UNKNOWN_FUNCTION no+such+function\r\n"u8);
}
