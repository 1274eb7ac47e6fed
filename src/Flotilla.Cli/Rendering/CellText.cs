using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Flotilla.Cli.Rendering;

/// <summary>Values as people read them.</summary>
internal static class CellText
{
    private static readonly string[] ByteUnits = ["B", "KiB", "MiB", "GiB", "TiB"];

    public static string Format(object? value, Column column) => value switch
    {
        null => "-",
        bool flag => flag ? column.Title.ToLowerInvariant() : "",
        IReadOnlyList<string> list => string.Join(' ', list.Select(Printable)),
        double rate => rate.ToString(rate < 100 ? "0.0" : "0", CultureInfo.InvariantCulture),
        string text => Printable(text),
        JsonElement { ValueKind: JsonValueKind.Object } fields => string.Join(' ', fields.EnumerateObject().Select(field => $"{field.Name}={Printable(field.Value.ToString())}")),
        JsonElement other => Printable(other.ToString()),
        IConvertible number => FormatNumber(number.ToInt64(CultureInfo.InvariantCulture), column.Kind),
        _ => throw new ArgumentException($"{value.GetType()} is no cell value", nameof(value)),
    };

    /// <summary>1.5 KiB, 3 MiB.</summary>
    public static string FormatBytes(long bytes)
    {
        double size = bytes;
        var unit = 0;
        while (size >= 1024 && unit < ByteUnits.Length - 1)
        {
            size /= 1024;
            unit++;
        }

        return string.Create(CultureInfo.InvariantCulture, $"{Math.Round(size, size < 10 ? 1 : 0)} {ByteUnits[unit]}");
    }

    /// <summary>850 ms, 12.3 s, 4m05s, 3h20m, 2d04h.</summary>
    public static string FormatDuration(long milliseconds)
    {
        var span = TimeSpan.FromMilliseconds(milliseconds);
        FormattableString text = span switch
        {
            { TotalSeconds: < 1 } => $"{milliseconds} ms",
            { TotalMinutes: < 1 } => $"{span.TotalSeconds:0.0} s",
            { TotalHours: < 1 } => $"{span.Minutes}m{span.Seconds:00}s",
            { TotalDays: < 1 } => $"{span.Hours}h{span.Minutes:00}m",
            _ => $"{(int)span.TotalDays}d{span.Hours:00}h",
        };
        return text.ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>Names come from peers: what a terminal would obey is shown as a code instead.</summary>
    public static string Printable(string text)
    {
        if (!text.Any(char.IsControl))
            return text;
        var safe = new StringBuilder();
        foreach (var c in text)
            _ = char.IsControl(c) ? safe.Append(CultureInfo.InvariantCulture, $"\\x{(int)c:x2}") : safe.Append(c);
        return safe.ToString();
    }

    private static string FormatNumber(long number, CellKind kind) => kind switch
    {
        CellKind.Bytes => FormatBytes(number),
        CellKind.DurationMs => FormatDuration(number),
        CellKind.TimeMs => DateTimeOffset.FromUnixTimeMilliseconds(number).ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture) + "Z",
        _ => number.ToString(CultureInfo.InvariantCulture),
    };
}
