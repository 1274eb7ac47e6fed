using System.Globalization;
using System.Net;
using System.Text.Json;
using Flotilla.Cluster.Core;
using Flotilla.JobServer;

namespace Flotilla.Node.Configuration;

/// <summary>Values of options as text, both ways: durations as <c>500ms</c> or <c>2m</c>, sizes as <c>64MiB</c>, enums in camelCase.</summary>
internal static class ScalarText
{
    private static readonly (string Unit, TimeSpan Length)[] Durations =
    [
        ("ms", TimeSpan.FromMilliseconds(1)), ("s", TimeSpan.FromSeconds(1)), ("m", TimeSpan.FromMinutes(1)), ("h", TimeSpan.FromHours(1)),
        ("d", TimeSpan.FromDays(1)),
    ];

    private static readonly (string Unit, long Bytes)[] Sizes =
        [("KiB", 1L << 10), ("MiB", 1L << 20), ("GiB", 1L << 30), ("TiB", 1L << 40), ("KB", 1000), ("MB", 1_000_000), ("GB", 1_000_000_000)];

    public static bool IsSupported(Type type)
        => type.IsEnum
            || type == typeof(string) || type == typeof(bool) || type == typeof(int) || type == typeof(uint) || type == typeof(long) || type == typeof(ulong)
            || type == typeof(double) || type == typeof(TimeSpan) || type == typeof(Uri) || type == typeof(IPEndPoint)
            || type == typeof(EndPoint) || type == typeof(NodeName) || type == typeof(ServerName);

    /// <summary>What a person calls the type.</summary>
    public static string Describe(Type type, bool isSize)
    {
        if (isSize)
            return "size";
        if (type.IsEnum)
            return string.Join(", ", Enum.GetNames(type).Select(name => $"`{Camel(name)}`"));
        if (type == typeof(bool))
            return "true, false";
        if (type == typeof(TimeSpan))
            return "duration";
        if (type == typeof(IPEndPoint))
            return "address:port";
        if (type == typeof(EndPoint))
            return "address:port, `unix:/path`";
        return type == typeof(int) || type == typeof(uint) || type == typeof(long) || type == typeof(ulong) || type == typeof(double) ? "number" : "text";
    }

    /// <summary>The value that a text stands for.</summary>
    /// <exception cref="FormatException">The text is no such value; the message says what would be.</exception>
    public static object Parse(string text, Type type, bool isSize)
    {
        if (type == typeof(string))
            return text;
        if (type == typeof(TimeSpan))
            return ParseDuration(text);
        if (type == typeof(Uri))
            return Uri.TryCreate(text, UriKind.Absolute, out var uri) ? uri : throw new FormatException("must be an absolute URL");
        if (type.IsEnum)
            return ParseEnum(text, type);
        if (isSize)
            return Convert.ChangeType(ParseSize(text), type, CultureInfo.InvariantCulture);
        try
        {
            if (type == typeof(bool))
                return bool.Parse(text);
            if (type == typeof(IPEndPoint))
                return IPEndPoint.Parse(text);
            if (type == typeof(NodeName))
                return new NodeName(text);
            if (type == typeof(ServerName))
                return new ServerName(text);
            return type == typeof(EndPoint)
                ? JobServerListener.Parse(text)
                : Convert.ChangeType(text, type, CultureInfo.InvariantCulture);
        }
        catch (Exception failure) when (failure is FormatException or OverflowException or InvalidCastException or ArgumentException)
        {
            throw new FormatException($"must be {Describe(type, isSize)}: {failure.Message}", failure);
        }
    }

    public static string Format(object? value, bool isSize) => value switch
    {
        null => "none",
        bool flag => flag ? "true" : "false",
        string { Length: 0 } => "empty",
        NodeName or ServerName => Format(value.ToString(), isSize),
        TimeSpan span => FormatDuration(span),
        Enum constant => Camel(constant.ToString()),
        long or int when isSize => FormatSize(Convert.ToInt64(value, CultureInfo.InvariantCulture)),
        System.Collections.IEnumerable list and not string => FormatList(list, isSize),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "none",
    };

    public static string Camel(string name) => JsonNamingPolicy.CamelCase.ConvertName(name);

    private static string FormatList(System.Collections.IEnumerable list, bool isSize)
    {
        var items = string.Join(", ", list.Cast<object>().Select(item => Format(item, isSize)));
        return items.Length == 0 ? "none" : items;
    }

    private static TimeSpan ParseDuration(string text)
    {
        foreach (var (unit, length) in Durations)
        {
            if (text.EndsWith(unit, StringComparison.Ordinal)
                && double.TryParse(text.AsSpan(0, text.Length - unit.Length), NumberStyles.Float, CultureInfo.InvariantCulture, out var count)
                && Math.Abs(count) < 1e9)
                return length * count;
        }

        throw new FormatException("must be a duration like 500ms, 5s, 2m, 1h or 1d");
    }

    private static string FormatDuration(TimeSpan span)
    {
        if (span == TimeSpan.Zero)
            return "0s";
        var (unit, length) = Durations.Last(one => span.Ticks % one.Length.Ticks == 0 || one.Unit == "ms");
        return (span / length).ToString("0.###", CultureInfo.InvariantCulture) + unit;
    }

    private static long ParseSize(string text)
    {
        var number = text;
        var factor = 1L;
        foreach (var (unit, bytes) in Sizes)
        {
            if (text.EndsWith(unit, StringComparison.Ordinal))
                (number, factor) = (text[..^unit.Length].Trim(), bytes);
        }

        return long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count <= long.MaxValue / factor
            ? count * factor
            : throw new FormatException("must be a size in bytes, or like 16KiB, 64MiB, 2GiB");
    }

    private static string FormatSize(long bytes)
    {
        var (unit, factor) = Sizes.Where(one => one.Unit.Contains('i') && bytes != 0 && bytes % one.Bytes == 0).LastOrDefault(("", 1L));
        return (bytes / factor).ToString(CultureInfo.InvariantCulture) + unit;
    }

    private static object ParseEnum(string text, Type type)
    {
        var name = Array.Find(Enum.GetNames(type), name => string.Equals(name, text, StringComparison.OrdinalIgnoreCase));
        if (name is not null)
            return Enum.Parse(type, name);
        return type.IsDefined(typeof(FlagsAttribute), inherit: false) && Enum.TryParse(type, text, ignoreCase: true, out var flags)
            ? flags
            : throw new FormatException($"must be {Describe(type, isSize: false)}");
    }
}
