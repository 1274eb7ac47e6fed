using Flotilla.Gearman.Protocol;
using Flotilla.Primitives;

namespace Flotilla.JobServer.Core;

/// <summary><c>show ...</c>: gearmand's listings of jobs, and ours in JSON lines.</summary>
internal sealed class ShowCommands(MachineState state)
{
    private const int QueueLinesDefault = 100;

    /// <summary>A queue is walked in one step; this many lines are a few milliseconds.</summary>
    private const int QueueLinesMax = 10_000;

    public void Run(ConnectionState connection, in AdminRequest request)
    {
        switch (request.Command)
        {
            case AdminCommand.ShowJobs:
                state.Replies.List(connection, new JobListing(JobListing.Format.Jobs));
                break;
            case AdminCommand.ShowUniqueJobs:
                state.Replies.List(connection, new JobListing(JobListing.Format.Uniques));
                break;
            case AdminCommand.ShowDead:
                Dead(connection, request);
                break;
            case AdminCommand.ShowJob:
                Job(state.Replies.To(connection), request.Argument(0));
                break;
            case AdminCommand.ShowQueue:
                Queue(state.Replies.To(connection), request);
                break;
            case AdminCommand.ShowFunctions:
                Functions(state.Replies.To(connection));
                break;
            case AdminCommand.ShowServer:
                ServerLine.Write(state, state.Replies.To(connection));
                break;
            case AdminCommand.ShowSchedules:
                Schedules(state.Replies.To(connection));
                break;
            default:
                Invariant.Require(false, "a show command");
                break;
        }
    }

    private void Job(ByteQueue output, ReadOnlySpan<byte> handle)
    {
        var job = TextReply.FindJob(state, handle);
        if (job == JobTable.None || state.Functions[state.Jobs[job].Function].IsDropped)
            output.Append(AdminAnswers.UnknownJob);
        else
            JobDetails.Write(state, output, job);
    }

    private void Dead(ConnectionState connection, in AdminRequest request)
    {
        var function = request.ArgumentCount == 0 ? null : TextReply.FindFunction(state, request.Argument(0));
        if (request.ArgumentCount > 0 && function is null)
            state.Replies.To(connection).Append(TextReply.UnknownFunction);
        else if ((function?.Dead ?? state.DeadJobs) == 0)
            state.Replies.To(connection).Append(AdminAnswers.EndOfList);
        else
            state.Replies.List(connection, new JobListing(JobListing.Format.Dead, function));
    }

    /// <summary>Waiting jobs in the order in which they will be handed out, then delayed ones.</summary>
    private void Queue(ByteQueue output, in AdminRequest request)
    {
        if (TextReply.FindFunction(state, request.Argument(0)) is not { } function)
        {
            output.Append(TextReply.UnknownFunction);
            return;
        }

        var left = request.ArgumentCount < 2 ? QueueLinesDefault : (int)Math.Clamp(AsciiNumber.Leading(request.Argument(1)), 0, QueueLinesMax);
        for (var priority = JobPriority.High; priority <= JobPriority.Low; priority++)
            left = WriteList(output, function.QueueHead(priority), left);
        WriteList(output, function.DelayedHead, left);
        output.Append(AdminAnswers.EndOfList);
    }

    private int WriteList(ByteQueue output, int job, int left)
    {
        for (; job != JobTable.None && left > 0; job = state.Jobs[job].Next, left--)
            JobDetails.Write(state, output, job);
        return left;
    }

    private void Functions(ByteQueue output)
    {
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
            json.BeginObject("policy"u8);
            json.Field("attempts"u8, function.Policy.Attempts);
            json.Field("backOffMs"u8, function.Policy.BackOffMs);
            json.Field("backOffMaxMs"u8, function.Policy.BackOffMsMax);
            json.Field("onFail"u8, function.Policy.RetriesFailures ? "retry"u8 : "final"u8);
            json.Field("dead"u8, function.Policy.KeepsDead ? "keep"u8 : "drop"u8);
            json.EndObject();
            json.EndLine();
        }

        output.Append(AdminAnswers.EndOfList);
    }

    private void Schedules(ByteQueue output)
    {
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

        output.Append(AdminAnswers.EndOfList);
    }
}
