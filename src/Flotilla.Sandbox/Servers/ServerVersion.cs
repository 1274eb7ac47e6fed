using System.Globalization;
using System.Text.RegularExpressions;

namespace Flotilla.Sandbox;

/// <summary>10.11.19, 5.6.24: what decides which features and statements a server has.</summary>
public readonly partial record struct ServerVersion(int Major, int Minor, int Patch) : IComparable<ServerVersion>
{
    /// <summary>The port MySQL Sandbox's users expect: 5.6.24 is 5624, 8.0.33 is 8033; MariaDB 10.11.19 is 11119.</summary>
    public int UsualPort => Math.Min((Major * 1000) + (Minor * 100) + Patch, 60_000);

    public static bool operator <(ServerVersion left, ServerVersion right) => left.CompareTo(right) < 0;

    public static bool operator >(ServerVersion left, ServerVersion right) => left.CompareTo(right) > 0;

    public static bool operator <=(ServerVersion left, ServerVersion right) => left.CompareTo(right) <= 0;

    public static bool operator >=(ServerVersion left, ServerVersion right) => left.CompareTo(right) >= 0;

    /// <summary>Takes the first three numbers with dots between them out of a text.</summary>
    public static bool TryParse(string text, out ServerVersion version)
    {
        var match = Numbers().Match(text);
        version = match.Success ? new ServerVersion(Number(match, "major"), Number(match, "minor"), Number(match, "patch")) : default;
        return match.Success;
    }

    public static ServerVersion Parse(string text)
        => TryParse(text, out var version) ? version : throw new FormatException($"'{text}' holds no version such as 10.11.19");

    public int CompareTo(ServerVersion other) => (Major, Minor, Patch).CompareTo((other.Major, other.Minor, other.Patch));

    public override string ToString() => $"{Major}.{Minor}.{Patch}";

    private static int Number(Match match, string name) => int.Parse(match.Groups[name].Value, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"(?<major>\d{1,3})\.(?<minor>\d{1,3})\.(?<patch>\d{1,4})", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Numbers();
}
