using Flotilla.Gearman.Protocol;
using Flotilla.Primitives;

namespace Flotilla.JobServer.Core;

/// <summary>Walks over all jobs by slot. Jobs that come and go meanwhile may or may not be listed; no other is listed twice or left out.</summary>
internal sealed class JobListing(JobListing.Format format, FunctionState? function = null) : Listing
{
    private int _next;

    public enum Format
    {
        /// <summary><c>show jobs</c>.</summary>
        Jobs,

        /// <summary><c>show unique jobs</c>.</summary>
        Uniques,

        /// <summary><c>show dead</c>.</summary>
        Dead,
    }

    public override bool WriteSlice(MachineState state, ByteQueue output)
    {
        var budget = ItemsPerSlice;
        while (true)
        {
            _next = state.Jobs.NextLive(_next, ref budget);
            if (_next >= state.Jobs.End)
            {
                output.Append(AdminAnswers.EndOfList);
                return true;
            }

            if (budget == 0)
                return false;
            budget--;
            WriteJob(state, output, _next++);
        }
    }

    private void WriteJob(MachineState state, ByteQueue output, int job)
    {
        ref var record = ref state.Jobs[job];
        if (record.State is JobState.Storing or JobState.Cancelled || state.Functions[record.Function].IsDropped)
            return;
        switch (format)
        {
            case Format.Dead:
                if (record.State == JobState.Dead && (function is null || state.Functions[record.Function] == function))
                    JobDetails.Write(state, output, job);
                break;
            case Format.Uniques:
                if (record.State != JobState.Dead)
                    AdminAnswers.WriteUniqueRow(output, state.Jobs.Unique(job));
                break;
            case Format.Jobs:
                if (record.State != JobState.Dead)
                    WriteClassic(state, output, ref record);
                break;
            default:
                Invariant.Require(false, "a known format");
                break;
        }
    }

    private static void WriteClassic(MachineState state, ByteQueue output, ref JobRecord record)
    {
        Span<byte> handle = stackalloc byte[JobHandles.SizeBytesMax];
        var isBackground = record.Has(JobFlags.Background);
        AdminAnswers.WriteJobRow(
            output, state.Handles.Write(record.Id, handle), record.Attempts, ignored: !isBackground && record.FirstLink == ClientLinks.None, isBackground);
    }
}
