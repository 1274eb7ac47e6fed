using System.Globalization;

namespace Flotilla.Bench.Jobs;

/// <summary>What a figure, or its ratio to gearmand's, has to reach.</summary>
internal sealed record Target(double Limit, bool IsRatio, bool IsMinimum)
{
    public static Target AtLeast(double value) => new(value, IsRatio: false, IsMinimum: true);

    public static Target AtMost(double value) => new(value, IsRatio: false, IsMinimum: false);

    public static Target TimesAtLeast(double ratio) => new(ratio, IsRatio: true, IsMinimum: true);

    public static Target TimesAtMost(double ratio) => new(ratio, IsRatio: true, IsMinimum: false);

    public bool IsMet(double value) => IsMinimum ? value >= Limit : value <= Limit;

    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{(IsMinimum ? "≥" : "≤")} {Limit:#,0.##}{(IsRatio ? "x" : "")}");
}
