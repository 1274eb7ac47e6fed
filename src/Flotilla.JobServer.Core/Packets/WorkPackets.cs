using Flotilla.Gearman.Protocol;

namespace Flotilla.JobServer.Core;

/// <summary>What workers report of their jobs.</summary>
internal sealed class WorkPackets(MachineState state)
{
    private readonly ClientNotices _notices = new(state);

    /// <summary>False when arguments are missing.</summary>
    public bool Handle(ConnectionState worker, PacketType type, ReadOnlySpan<byte> body)
    {
        var end = body.IndexOf((byte)0);
        if (end < 0 && type != PacketType.WorkFail)
            return false;
        var handle = end < 0 ? body : body[..end];
        if (!TryFindOwn(worker, handle, out var job))
        {
            NotFound(worker, type);
            return true;
        }

        if (state.Jobs[job].State == JobState.Cancelled)
        {
            if (type is PacketType.WorkComplete or PacketType.WorkFail or PacketType.WorkException)
                state.Lifecycle.ReleaseCancelled(job);
            return true;
        }

        switch (type)
        {
            case PacketType.WorkComplete:
                _notices.Forward(job, type, body);
                state.Lifecycle.Complete(job, body[(end + 1)..]);
                return true;
            case PacketType.WorkFail:
                if (!state.Lifecycle.RetriesFailure(job))
                    _notices.Forward(job, type, handle);
                state.Lifecycle.Fail(job);
                return true;
            case PacketType.WorkException:
                if (!state.Lifecycle.RetriesFailure(job))
                    _notices.Exception(job, body, body[..(end + 1)]);
                state.Lifecycle.Fail(job, body[(end + 1)..]);
                return true;
            case PacketType.WorkStatus:
                return Status(job, body);
            default:
                _notices.Forward(job, type, body);
                return true;
        }
    }

    /// <summary>Handle, numerator, denominator.</summary>
    private bool Status(int job, ReadOnlySpan<byte> body)
    {
        var arguments = new PacketArguments(body);
        if (!arguments.TryNext(out _) || !arguments.TryNext(out var numerator))
            return false;
        state.Jobs[job].Numerator = Number(numerator);
        state.Jobs[job].Denominator = Number(arguments.Last);
        _notices.Forward(job, PacketType.WorkStatus, body);
        return true;
    }

    private bool TryFindOwn(ConnectionState worker, ReadOnlySpan<byte> handle, out int job)
    {
        job = JobTable.None;
        if (!state.Handles.TryParse(handle, out var id))
            return false;
        job = state.Jobs.Find(id);
        if (job != JobTable.None)
            return state.Jobs[job].State == JobState.Running && state.Jobs[job].Worker == worker.Slot;
        if (worker.CancelledCount == 0)
            return false;
        for (job = worker.FirstRunning; job != JobTable.None; job = state.Jobs[job].Next)
        {
            if (state.Jobs[job].Id == id.Value)
                return true;
        }

        return false;
    }

    private void NotFound(ConnectionState worker, PacketType type)
        => state.Replies.Error(worker, ErrorCodes.JobNotFound, type switch
        {
            PacketType.WorkData or PacketType.WorkWarning => ErrorTexts.JobNotFoundForData,
            PacketType.WorkException => ErrorTexts.JobNotFoundForException,
            _ => ErrorTexts.JobNotFoundForResult,
        });

    /// <summary>The low 32 bits of what C reads there, so that -1 is shown as gearmand shows it.</summary>
    private static uint Number(ReadOnlySpan<byte> text) => unchecked((uint)AsciiNumber.Leading(text));
}
