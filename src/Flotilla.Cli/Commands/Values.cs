using System.CommandLine.Parsing;
using System.Globalization;

namespace Flotilla.Cli.Commands;

/// <summary>Reads values that people write: <c>500ms</c>, <c>64MiB</c>, <c>tomorrow's</c> moments in ISO form.</summary>
internal static class Values
{
    private static readonly (string Unit, double Milliseconds)[] Durations =
        [("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000)];

    private static readonly (string Unit, long Bytes)[] Sizes =
    [
        ("KiB", 1L << 10), ("MiB", 1L << 20), ("GiB", 1L << 30), ("KB", 1000), ("MB", 1_000_000), ("GB", 1_000_000_000),
        ("K", 1L << 10), ("M", 1L << 20), ("G", 1L << 30),
    ];

    /// <summary>500ms, 5s, 2m, 1h, 7d; a bare number is seconds.</summary>
    public static bool TryDuration(string text, out TimeSpan duration)
    {
        duration = default;
        var (number, factor) = (text, 1000.0);
        foreach (var (unit, milliseconds) in Durations)
        {
            if (!text.EndsWith(unit, StringComparison.Ordinal))
                continue;
            (number, factor) = (text[..^unit.Length], milliseconds);
            break;
        }

        if (!double.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var count) || count * factor > 1e13)
            return false;
        duration = TimeSpan.FromMilliseconds(count * factor);
        return true;
    }

    /// <summary>4096, 16KiB, 64M, 2GiB.</summary>
    public static bool TrySize(string text, out long bytes)
    {
        var (number, factor) = (text, 1L);
        foreach (var (unit, size) in Sizes)
        {
            if (!text.EndsWith(unit, StringComparison.OrdinalIgnoreCase))
                continue;
            (number, factor) = (text[..^unit.Length].Trim(), size);
            break;
        }

        if (!long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out bytes) || bytes > long.MaxValue / factor)
            return false;
        bytes *= factor;
        return true;
    }

    /// <summary>ISO 8601 (without a zone: local time), <c>HH:MM</c> today or tomorrow, or <c>@</c> and Unix seconds.</summary>
    public static bool TryMoment(string text, DateTimeOffset now, out DateTimeOffset moment)
    {
        if (text.StartsWith('@'))
        {
            var isNumber = double.TryParse(text.AsSpan(1), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds) && seconds < 1e11;
            moment = isNumber ? DateTimeOffset.FromUnixTimeMilliseconds((long)(seconds * 1000)) : default;
            return isNumber;
        }

        if (TimeOnly.TryParseExact(text, ["HH:mm", "HH:mm:ss"], CultureInfo.InvariantCulture, DateTimeStyles.None, out var time))
        {
            moment = new DateTimeOffset(now.Date + time.ToTimeSpan(), now.Offset);
            if (moment < now)
                moment = moment.AddDays(1);
            return true;
        }

        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeLocal, out moment);
    }

    public static TimeSpan? Duration(ArgumentResult result)
    {
        var text = result.Tokens[0].Value;
        if (TryDuration(text, out var duration))
            return duration;
        result.AddError($"'{text}' is not a duration: write 500ms, 5s, 2m, 1h or 7d");
        return null;
    }

    public static long? Size(ArgumentResult result)
    {
        var text = result.Tokens[0].Value;
        if (TrySize(text, out var bytes))
            return bytes;
        result.AddError($"'{text}' is not a size: write 4096, 16KiB, 64MiB or 2GiB");
        return null;
    }
}
