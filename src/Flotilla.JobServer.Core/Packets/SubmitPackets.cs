using System.Buffers.Text;
using Flotilla.Gearman.Protocol;

namespace Flotilla.JobServer.Core;

/// <summary>SUBMIT_JOB and its eleven relatives. Methods answer false when arguments are missing.</summary>
internal sealed class SubmitPackets(MachineState state)
{
    /// <summary>Last second of the year 9999: a later time is a mistake.</summary>
    private const long SecondsMax = 253_402_300_799;

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

    /// <summary>Function, unique, seconds since the Unix epoch, data. Seconds may have decimals; what is no number, or past, is now.</summary>
    public bool SubmitEpoch(ConnectionState client, ReadOnlySpan<byte> body)
    {
        var arguments = new PacketArguments(body);
        if (!arguments.TryNext(out var function) || !arguments.TryNext(out var unique) || !arguments.TryNext(out var epoch))
            return false;
        var due = DueMs(epoch);
        if (due == long.MaxValue)
        {
            state.Replies.Error(client, "INVALID_ARGUMENT"u8, "Time is out of range"u8);
            return true;
        }

        state.Submissions.Submit(client, new Submission
        {
            Function = function,
            Unique = unique,
            Data = arguments.Last,
            Priority = JobPriority.Normal,
            IsBackground = true,
            DueMs = due,
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

    /// <summary>Function, unique, minute, hour, day of month, month, day of week, data.</summary>
    public bool SubmitSchedule(ConnectionState client, ReadOnlySpan<byte> body)
    {
        var arguments = new PacketArguments(body);
        if (!arguments.TryNext(out var function) || !arguments.TryNext(out var unique) || !arguments.TryNext(out var minute)
            || !arguments.TryNext(out var hour) || !arguments.TryNext(out var dayOfMonth) || !arguments.TryNext(out var month)
            || !arguments.TryNext(out var dayOfWeek))
        {
            return false;
        }

        if (!CronSchedule.TryParse(minute, hour, dayOfMonth, month, dayOfWeek, out var times))
        {
            state.Replies.Error(client, "INVALID_ARGUMENT"u8, "The schedule is not understood or never comes"u8);
            return true;
        }

        var submission = new Submission
        {
            Function = function,
            Unique = unique,
            Data = arguments.Last,
            Priority = JobPriority.Normal,
            IsBackground = true,
        };
        state.Schedules.Submit(client, submission, times!, Text(minute, hour, dayOfMonth, month, dayOfWeek));
        return true;
    }

    /// <summary>0 for now, <see cref="long.MaxValue"/> for a time that cannot be meant.</summary>
    private static long DueMs(ReadOnlySpan<byte> epoch)
    {
        if (epoch.IsEmpty || epoch[0] is < (byte)'0' or > (byte)'9')
            return 0;
        var digits = 0;
        while (digits < epoch.Length && epoch[digits] is >= (byte)'0' and <= (byte)'9')
            digits++;
        if (!Utf8Parser.TryParse(epoch[..digits], out long seconds, out _) || seconds > SecondsMax)
            return long.MaxValue;
        var dueMs = seconds * 1000;
        if (digits == epoch.Length || epoch[digits] != '.')
            return dueMs;
        var weight = 100;
        foreach (var c in epoch[(digits + 1)..])
        {
            if (c is < (byte)'0' or > (byte)'9')
                break;
            dueMs += weight * (c - '0');
            weight /= 10;
        }

        return dueMs;
    }

    private static byte[] Text(
        ReadOnlySpan<byte> minute, ReadOnlySpan<byte> hour, ReadOnlySpan<byte> dayOfMonth, ReadOnlySpan<byte> month, ReadOnlySpan<byte> dayOfWeek)
        => [.. Any(minute), (byte)' ', .. Any(hour), (byte)' ', .. Any(dayOfMonth), (byte)' ', .. Any(month), (byte)' ', .. Any(dayOfWeek)];

    private static ReadOnlySpan<byte> Any(ReadOnlySpan<byte> field) => field.IsEmpty ? "*"u8 : field;
}
