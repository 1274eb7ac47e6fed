namespace Flotilla.MySql;

/// <summary>A DATE, DATETIME or TIMESTAMP as the server has it, zero parts (<c>2026-00-00</c>) included.</summary>
public readonly record struct MySqlDateTime(int Year, int Month, int Day, int Hour = 0, int Minute = 0, int Second = 0, int Microsecond = 0)
{
    /// <summary>False for dates with zero parts, which no calendar has.</summary>
    public bool IsValid => Year is >= 1 and <= 9999 && Month is >= 1 and <= 12 && Day >= 1 && Day <= DateTime.DaysInMonth(Year, Month)
        && Hour < 24 && Minute < 60 && Second < 60;

    /// <summary>Of unspecified kind. Throws <see cref="InvalidCastException"/> for dates that no calendar has.</summary>
    public DateTime ToDateTime() => IsValid
        ? new DateTime(Year, Month, Day, Hour, Minute, Second).AddMicroseconds(Microsecond)
        : throw new InvalidCastException($"{this} is no date of the calendar; use GetMySqlDateTime");

    public override string ToString()
        => $"{Year:0000}-{Month:00}-{Day:00} {Hour:00}:{Minute:00}:{Second:00}{(Microsecond == 0 ? "" : $".{Microsecond:000000}")}";
}
