using System.Globalization;

namespace Flotilla.JobServer.Stores;

/// <summary>The files of a store.</summary>
internal static class SegmentNames
{
    public const string Spare = "spare";

    private const string Extension = ".jobs";
    private const int Digits = 10;

    public static string Of(uint segment) => segment.ToString("D10", CultureInfo.InvariantCulture) + Extension;

    public static bool TryParse(string name, out uint segment)
    {
        segment = 0;
        return name.Length == Digits + Extension.Length && name.EndsWith(Extension, StringComparison.Ordinal)
            && uint.TryParse(name.AsSpan(0, Digits), NumberStyles.None, CultureInfo.InvariantCulture, out segment) && segment > 0;
    }
}
