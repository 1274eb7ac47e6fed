using System.Globalization;

namespace Flotilla.Cli.Gearmand;

/// <summary>A line as gearmand logs it: level, local time to the microsecond, thread, text.</summary>
internal static class GearmandLogLine
{
    private const int LevelWidth = 7;
    private const int ThreadWidth = 6;

    /// <summary>The word for a level, as in <c>--verbose</c> and in log lines.</summary>
    public static string NameOf(GearmandVerbosity level) => level switch
    {
        GearmandVerbosity.Fatal => "FATAL",
        GearmandVerbosity.Alert => "ALERT",
        GearmandVerbosity.Critical => "CRITICAL",
        GearmandVerbosity.Error => "ERROR",
        GearmandVerbosity.Warning => "WARNING",
        GearmandVerbosity.Notice => "NOTICE",
        GearmandVerbosity.Info => "INFO",
        GearmandVerbosity.Debug => "DEBUG",
        _ => throw new ArgumentOutOfRangeException(nameof(level)),
    };

    /// <param name="level">How grave.</param>
    /// <param name="localTime">When.</param>
    /// <param name="thread"><c>main</c>, or the number of an I/O thread.</param>
    /// <param name="text">What; line breaks become spaces.</param>
    public static string Format(GearmandVerbosity level, DateTimeOffset localTime, string thread, string text)
    {
        var time = localTime.ToString("yyyy-MM-dd HH:mm:ss.ffffff", CultureInfo.InvariantCulture);
        return $"{NameOf(level),LevelWidth} {time} [{thread,ThreadWidth} ] {text.ReplaceLineEndings(" ")}";
    }
}
