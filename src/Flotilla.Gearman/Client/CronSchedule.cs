namespace Flotilla.Gearman;

/// <summary>
/// When a recurring job runs, in UTC. Each field is <c>*</c>, a number, a range <c>1-5</c>, a list <c>0,30</c> or a step <c>*/15</c>. Sent as
/// SUBMIT_JOB_SCHED, which only Flotilla's server understands.
/// </summary>
/// <param name="Minute">0 to 59.</param>
/// <param name="Hour">0 to 23.</param>
/// <param name="DayOfMonth">1 to 31.</param>
/// <param name="Month">1 to 12.</param>
/// <param name="DayOfWeek">0 to 6, 0 being Monday: so says the protocol, other than cron.</param>
public sealed record CronSchedule(
    string Minute = "*", string Hour = "*", string DayOfMonth = "*", string Month = "*", string DayOfWeek = "*")
{
    /// <summary>Reads the five fields, separated by blanks.</summary>
    /// <exception cref="FormatException">Not five fields of allowed characters; whether they have a meaning the server says.</exception>
    public static CronSchedule Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var fields = text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        if (fields.Length != 5 || fields.Any(field => !IsField(field)))
            throw new FormatException($"'{text}' is not five cron fields");
        return new CronSchedule(fields[0], fields[1], fields[2], fields[3], fields[4]);
    }

    public override string ToString() => $"{Minute} {Hour} {DayOfMonth} {Month} {DayOfWeek}";

    internal string[] Fields()
    {
        string[] fields = [Minute, Hour, DayOfMonth, Month, DayOfWeek];
        return Array.TrueForAll(fields, IsField) ? fields : throw new FormatException($"'{this}' is not five cron fields");
    }

    private static bool IsField(string field)
        => field.Length > 0 && field.All(c => char.IsAsciiDigit(c) || c is '*' or '/' or '-' or ',');
}
