using Flotilla.Gearman.Protocol;

namespace Flotilla.JobServer.Core;

/// <summary>SUBMIT_JOB and its eleven relatives. Methods answer false when arguments are missing.</summary>
internal sealed class SubmitPackets(MachineState state)
{
    /// <summary>Function, unique, data.</summary>
    public bool Submit(ConnectionState client, ReadOnlySpan<byte> body, JobPriority priority, bool isBackground)
    {
        var arguments = new PacketArguments(body);
        if (!arguments.TryNext(out var function) || !arguments.TryNext(out var unique))
            return false;
        state.Submissions.Submit(client, new Submission
        {
            Function = function,
            Unique = unique,
            Data = arguments.Last,
            Priority = priority,
            IsBackground = isBackground,
        });
        return true;
    }

    /// <summary>A time that is no number, or past, is now.</summary>
    public bool SubmitEpoch(ConnectionState client, ReadOnlySpan<byte> body)
    {
        if (!SubmitJobEpochPacket.TryParse(body, out var packet, out _))
            return false;
        state.Submissions.Submit(client, new Submission
        {
            Function = packet.Function,
            Unique = packet.Unique,
            Data = packet.Data,
            Priority = JobPriority.Normal,
            IsBackground = true,
            DueMs = packet.TryGetDueMs(out var dueMs) ? dueMs : 0,
        });
        return true;
    }

    /// <summary>
    /// Function, unique, reducer, aggregator (unused), data. The protocol document leaves the aggregator out; that form is taken when
    /// there are only three terminated arguments.
    /// </summary>
    public bool SubmitReduce(ConnectionState client, ReadOnlySpan<byte> body, bool isBackground)
    {
        var arguments = new PacketArguments(body);
        if (!arguments.TryNext(out var function) || !arguments.TryNext(out var unique) || !arguments.TryNext(out var reducer))
            return false;
        arguments.TryNext(out _);
        state.Submissions.Submit(client, new Submission
        {
            Function = function,
            Unique = unique,
            Reducer = reducer,
            Data = arguments.Last,
            Priority = JobPriority.Normal,
            IsBackground = isBackground,
        });
        return true;
    }

    public bool SubmitSchedule(ConnectionState client, ReadOnlySpan<byte> body)
    {
        if (!SubmitJobSchedPacket.TryParse(body, out var packet, out _))
            return false;
        if (!CronSchedule.TryParse(packet.Minute, packet.Hour, packet.DayOfMonth, packet.Month, packet.DayOfWeek, out var times))
        {
            state.Replies.Error(client, ErrorCodes.InvalidArgument, "The schedule is not understood or never comes"u8);
            return true;
        }

        var submission = new Submission
        {
            Function = packet.Function,
            Unique = packet.Unique,
            Data = packet.Data,
            Priority = JobPriority.Normal,
            IsBackground = true,
        };
        state.Schedules.Submit(client, submission, times!, Text(packet.Minute, packet.Hour, packet.DayOfMonth, packet.Month, packet.DayOfWeek));
        return true;
    }

    private static byte[] Text(
        ReadOnlySpan<byte> minute, ReadOnlySpan<byte> hour, ReadOnlySpan<byte> dayOfMonth, ReadOnlySpan<byte> month, ReadOnlySpan<byte> dayOfWeek)
        => [.. Any(minute), (byte)' ', .. Any(hour), (byte)' ', .. Any(dayOfMonth), (byte)' ', .. Any(month), (byte)' ', .. Any(dayOfWeek)];

    private static ReadOnlySpan<byte> Any(ReadOnlySpan<byte> field) => field.IsEmpty ? "*"u8 : field;
}
