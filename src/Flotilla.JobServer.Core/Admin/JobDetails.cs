using Flotilla.Primitives;

namespace Flotilla.JobServer.Core;

/// <summary>One job as a JSON line.</summary>
internal static class JobDetails
{
    public static void Write(MachineState state, ByteQueue output, int job)
    {
        ref var record = ref state.Jobs[job];
        var json = new JsonLine(output);
        json.Handle("handle"u8, state, record.Id);
        json.Field("function"u8, state.Functions[record.Function].Name);
        json.Field("unique"u8, state.Jobs.Unique(job));
        json.Field("state"u8, StateName(record.State));
        json.Field("priority"u8, PriorityName(record.Priority));
        json.Field("attempts"u8, record.Attempts);
        json.Field("background"u8, record.Has(JobFlags.Background));
        json.Field("ageMs"u8, state.NowMs - record.CreatedMs);
        if (record.State == JobState.Delayed)
            json.Field("dueMs"u8, record.SinceMs);
        else
            json.Null("dueMs"u8);
        json.Field("numerator"u8, record.Numerator);
        json.Field("denominator"u8, record.Denominator);
        if (record.State == JobState.Running)
            json.Field("worker"u8, state.Connections[record.Worker].ClientId);
        else
            json.Null("worker"u8);
        json.Field("clients"u8, state.Links.CountOf(job));
        json.Field("dataBytes"u8, record.DataLength);
        if (state.Jobs.Reducer(job) is { IsEmpty: false } reducer)
            json.Field("reducer"u8, reducer);
        if (record.State == JobState.Dead)
        {
            json.Field("deadSinceMs"u8, record.SinceMs);
            json.Field("reason"u8, JobLifecycle.DeathReason(record.Has(JobFlags.DiedFailing)));
        }

        json.EndLine();
    }

    public static ReadOnlySpan<byte> PriorityName(JobPriority priority) => priority switch
    {
        JobPriority.High => "high"u8,
        JobPriority.Normal => "normal"u8,
        JobPriority.Low => "low"u8,
        _ => throw new ArgumentOutOfRangeException(nameof(priority)),
    };

    private static ReadOnlySpan<byte> StateName(JobState state) => state switch
    {
        JobState.Storing => "storing"u8,
        JobState.Queued => "queued"u8,
        JobState.Running => "running"u8,
        JobState.Delayed => "delayed"u8,
        JobState.Dead => "dead"u8,
        JobState.Cancelled => "cancelled"u8,
        _ => throw new ArgumentOutOfRangeException(nameof(state)),
    };
}
