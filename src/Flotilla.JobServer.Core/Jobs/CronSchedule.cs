using System.Numerics;

namespace Flotilla.JobServer.Core;

/// <summary>
/// Five cron fields in UTC: minute 0-59, hour 0-23, day of month 1-31, month 1-12, day of week 0-6 where 0 is Monday (as
/// SUBMIT_JOB_SCHED has it). A field is empty or <c>*</c> for any, or a list of numbers, ranges <c>a-b</c>, and steps <c>*/n</c> or <c>a-b/n</c>.
/// When both days are restricted, either will do, as in cron.
/// </summary>
internal sealed class CronSchedule
{
    private const long MinuteMs = 60_000;
    private const long DayMs = 24 * 60 * MinuteMs;

    /// <summary>The longest gap that exists: 29 February around a century that is no leap year.</summary>
    private const int SearchDays = (8 * 366) + 1;
    private readonly ulong _minutes;
    private readonly uint _hours;
    private readonly uint _daysOfMonth;
    private readonly uint _months;
    private readonly uint _daysOfWeek;
    private readonly bool _anyDayOfMonth;
    private readonly bool _anyDayOfWeek;

    private CronSchedule(ulong minutes, uint hours, uint daysOfMonth, uint months, uint daysOfWeek, bool anyDayOfMonth, bool anyDayOfWeek)
    {
        _minutes = minutes;
        _hours = hours;
        _daysOfMonth = daysOfMonth;
        _months = months;
        _daysOfWeek = daysOfWeek;
        _anyDayOfMonth = anyDayOfMonth;
        _anyDayOfWeek = anyDayOfWeek;
    }

    /// <summary>False when a field is not understood or no time will ever match.</summary>
    public static bool TryParse(
        ReadOnlySpan<byte> minute, ReadOnlySpan<byte> hour, ReadOnlySpan<byte> dayOfMonth, ReadOnlySpan<byte> month, ReadOnlySpan<byte> dayOfWeek,
        out CronSchedule? schedule)
    {
        schedule = null;
        if (!TryField(minute, 0, 59, out var minutes) || !TryField(hour, 0, 23, out var hours) || !TryField(dayOfMonth, 1, 31, out var days)
            || !TryField(month, 1, 12, out var months) || !TryField(dayOfWeek, 0, 6, out var weekdays))
        {
            return false;
        }

        schedule = new CronSchedule(
            minutes, (uint)hours, (uint)days, (uint)months, (uint)weekdays, BitOperations.PopCount(days) == 31, BitOperations.PopCount(weekdays) == 7);
        return schedule.NextAfter(0) != long.MaxValue;
    }

    /// <summary>Takes the five fields as they are stored: separated by one blank, empty ones written as a star.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, out CronSchedule? schedule)
    {
        schedule = null;
        Span<Range> fields = stackalloc Range[6];
        var count = 0;
        foreach (var field in text.Split((byte)' '))
        {
            if (count == fields.Length)
                return false;
            fields[count++] = field;
        }

        return count == 5 && TryParse(text[fields[0]], text[fields[1]], text[fields[2]], text[fields[3]], text[fields[4]], out schedule);
    }

    /// <summary>The first matching minute that begins after a time, in milliseconds since the Unix epoch.</summary>
    public long NextAfter(long timeMs)
    {
        var from = ((timeMs / MinuteMs) + 1) * MinuteMs;
        var day = from / DayMs;
        var minuteOfDay = (int)(from % DayMs / MinuteMs);
        for (var i = 0; i < SearchDays; i++, day++, minuteOfDay = 0)
        {
            if (!MatchesDay(day))
                continue;
            for (var hour = minuteOfDay / 60; hour < 24; hour++)
            {
                var firstMinute = hour == minuteOfDay / 60 ? minuteOfDay % 60 : 0;
                var left = _minutes >> firstMinute;
                if ((_hours >> hour & 1) != 0 && left != 0)
                    return (day * DayMs) + (((hour * 60L) + firstMinute + BitOperations.TrailingZeroCount(left)) * MinuteMs);
            }
        }

        return long.MaxValue;
    }

    private bool MatchesDay(long day)
    {
        CivilFromDays(day, out var month, out var dayOfMonth);
        if ((_months >> month & 1) == 0)
            return false;

        // 1 January 1970 was a Thursday: 3 when Monday is 0
        var weekday = (int)((day + 3) % 7);
        var byMonth = (_daysOfMonth >> dayOfMonth & 1) != 0;
        var byWeek = (_daysOfWeek >> weekday & 1) != 0;
        return _anyDayOfMonth || _anyDayOfWeek ? byMonth && byWeek : byMonth || byWeek;
    }

    /// <summary>Days since 1970 to month and day in the Gregorian calendar; years are counted from March so that leap days come last.</summary>
    private static void CivilFromDays(long days, out int month, out int dayOfMonth)
    {
        var shifted = days + 719_468;
        var dayOfEra = shifted % 146_097;
        var yearOfEra = (dayOfEra - (dayOfEra / 1460) + (dayOfEra / 36_524) - (dayOfEra / 146_096)) / 365;
        var dayOfYear = dayOfEra - ((365 * yearOfEra) + (yearOfEra / 4) - (yearOfEra / 100));
        var marchMonth = ((5 * dayOfYear) + 2) / 153;
        dayOfMonth = (int)(dayOfYear - (((153 * marchMonth) + 2) / 5) + 1);
        month = (int)(marchMonth < 10 ? marchMonth + 3 : marchMonth - 9);
    }

    private static bool TryField(ReadOnlySpan<byte> field, int min, int max, out ulong bits)
    {
        bits = 0;
        if (field.IsEmpty)
            field = "*"u8;
        foreach (var range in field.Split((byte)','))
        {
            if (!TryItem(field[range], min, max, ref bits))
                return false;
        }

        return true;
    }

    private static bool TryItem(ReadOnlySpan<byte> item, int min, int max, ref ulong bits)
    {
        var step = 1;
        var slash = item.IndexOf((byte)'/');
        if (slash >= 0)
        {
            if (!TryNumber(item[(slash + 1)..], out step) || step == 0)
                return false;
            item = item[..slash];
        }

        int first, last;
        var dash = item.IndexOf((byte)'-');
        if (item.SequenceEqual("*"u8))
        {
            first = min;
            last = max;
        }
        else if (dash >= 0)
        {
            if (!TryNumber(item[..dash], out first) || !TryNumber(item[(dash + 1)..], out last))
                return false;
        }
        else
        {
            if (!TryNumber(item, out first))
                return false;
            last = slash >= 0 ? max : first;
        }

        if (first < min || last > max || first > last)
            return false;
        for (var value = first; value <= last; value += step)
            bits |= 1UL << value;
        return true;
    }

    private static bool TryNumber(ReadOnlySpan<byte> text, out int number)
    {
        number = 0;
        if (text.IsEmpty || text.Length > 3)
            return false;
        foreach (var c in text)
        {
            if (c is < (byte)'0' or > (byte)'9')
                return false;
            number = (number * 10) + (c - '0');
        }

        return true;
    }
}
