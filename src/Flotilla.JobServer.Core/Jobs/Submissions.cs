using Flotilla.Gearman.Protocol;

namespace Flotilla.JobServer.Core;

/// <summary>Takes submits in: refuses, joins to a job of the same key, or makes a new job.</summary>
internal sealed class Submissions(MachineState state)
{
    public void Submit(ConnectionState client, in Submission submission)
    {
        if (!IsWellFormed(client, submission))
            return;
        if (state.Functions.FindOrAdd(submission.Function) is not { } function)
        {
            Refuse(client, submission, ErrorCodes.QueueError, "Too many functions"u8, "too many functions");
            return;
        }

        var existing = FindExisting(function, submission);
        if (existing != JobTable.None)
        {
            Join(client, existing, submission.IsBackground);
            return;
        }

        if (!HasRoom(client, function, submission))
            return;
        var job = state.Lifecycle.Create(state.NewJobId(), function, submission);
        state.Lifecycle.IndexNew(job, function);
        var id = state.Jobs[job].Id;
        if (submission.IsBackground && state.Options.IsDurable)
        {
            var sequence = state.Lifecycle.Hold(job, client.Slot);
            state.Replies.JobCreatedWhenStored(client, id, sequence, isOwnRecord: true);
            return;
        }

        if (!submission.IsBackground)
            state.Links.Attach(client, job);
        state.Lifecycle.Admit(job);
        state.Replies.JobCreated(client, id);
    }

    /// <summary>A schedule's firing: as a background submit that nobody waits for. False when it was refused.</summary>
    public bool SubmitUnattended(in Submission submission)
    {
        if (state.Functions.FindOrAdd(submission.Function) is not { } function)
            return false;
        var existing = FindExisting(function, submission);
        if (existing != JobTable.None)
        {
            state.Counters.Coalesced++;
            state.Report(JobServerEventKind.JobCoalesced, existing);
            if (!state.Jobs[existing].Has(JobFlags.Background))
                state.Lifecycle.MakeBackground(existing, ConnectionState.None);
            return true;
        }

        if (!WhyFull(function, submission).IsEmpty)
            return false;
        var job = state.Lifecycle.Create(state.NewJobId(), function, submission);
        state.Lifecycle.IndexNew(job, function);
        if (state.Options.IsDurable)
            state.Lifecycle.Hold(job, ConnectionState.None);
        else
            state.Lifecycle.Admit(job);
        return true;
    }

    /// <summary>Checks sizes and rights and answers what is wrong.</summary>
    public bool IsWellFormed(ConnectionState client, in Submission submission)
    {
        if (submission.Function.Length > state.Options.FunctionNameBytesMax || submission.Reducer.Length > state.Options.FunctionNameBytesMax)
        {
            Refuse(client, submission, ErrorCodes.ArgumentTooLarge, ErrorTexts.FunctionNameTooLarge, "function name too large");
            return false;
        }

        if (submission.Unique.Length > state.Options.UniqueBytesMax)
        {
            Refuse(client, submission, ErrorCodes.ArgumentTooLarge, ErrorTexts.UniqueTooLarge, "unique too large");
            return false;
        }

        if (!state.Access.Allows(client, submission.Function, AccessRights.Submit))
        {
            state.Access.ReportDenied(client, submission.Function, "submit");
            state.Replies.Error(client, ErrorCodes.NotAuthorized, ErrorTexts.NotAuthorized);
            return false;
        }

        return true;
    }

    public bool IsOutOfMemory(in Submission submission)
        => state.Jobs.IsFull || (state.Options.JobMemoryBytesMax > 0
            && state.Jobs.UsedBytes + state.Schedules.UsedBytes + submission.Data.Length > state.Options.JobMemoryBytesMax);

    private int FindExisting(FunctionState function, in Submission submission)
        => JobTable.IsKey(submission.Unique, submission.Data)
            ? state.Jobs.FindByUnique(function.Index, submission.Unique, submission.Data, out _)
            : JobTable.None;

    /// <summary>The same key again: the same handle, and the first payload stands.</summary>
    private void Join(ConnectionState client, int job, bool isBackground)
    {
        state.Counters.Coalesced++;
        state.Report(JobServerEventKind.JobCoalesced, job);
        ref var record = ref state.Jobs[job];
        if (!isBackground)
        {
            state.Links.Attach(client, job);
            if (record.State == JobState.Storing)
                state.Replies.JobCreatedWhenStored(client, record.Id, record.StoreSequence, isOwnRecord: false);
            else
                state.Replies.JobCreated(client, record.Id);
            return;
        }

        var isOwnRecord = !record.Has(JobFlags.Background);
        if (isOwnRecord)
            state.Lifecycle.MakeBackground(job, client.Slot);
        if (record.Has(JobFlags.StorePending))
            state.Replies.JobCreatedWhenStored(client, record.Id, record.StoreSequence, isOwnRecord);
        else
            state.Replies.JobCreated(client, record.Id);
    }

    private bool HasRoom(ConnectionState client, FunctionState function, in Submission submission)
    {
        var why = WhyFull(function, submission);
        if (why.IsEmpty)
            return true;
        Refuse(client, submission, ErrorCodes.QueueError, why, "queue full");
        return false;
    }

    /// <summary>Why a new job cannot be taken; empty when it can.</summary>
    private ReadOnlySpan<byte> WhyFull(FunctionState function, in Submission submission)
    {
        if (function.IsDraining)
            return "Function is draining"u8;
        var limit = function.Limits.Of(submission.Priority);
        if (limit > 0 && function.WaitingAt(submission.Priority) >= limit)
        {
            state.Report(JobServerEventKind.QueueOverLimit, function, new ConnectionId(ConnectionState.None));
            return ErrorTexts.QueueFull;
        }

        if (state.Options.JobsMax > 0 && state.Jobs.Count - state.DeadJobs >= state.Options.JobsMax)
            return ErrorTexts.QueueFull;
        return IsOutOfMemory(submission) ? "Job memory is full"u8 : default;
    }

    private void Refuse(ConnectionState client, in Submission submission, ReadOnlySpan<byte> code, ReadOnlySpan<byte> text, string detail)
    {
        state.Counters.Rejected++;
        state.Effects.Report(new JobServerEvent
        {
            Kind = JobServerEventKind.JobRejected,
            Connection = client.Id,
            Priority = submission.Priority,
            FunctionIndex = state.Functions.Find(submission.Function)?.Index ?? -1,
            Function = submission.Function,
            Detail = detail,
        });
        state.Replies.Error(client, code, text);
    }
}
