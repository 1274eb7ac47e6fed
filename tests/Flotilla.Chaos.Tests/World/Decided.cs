using System.Globalization;

namespace Flotilla.Chaos.Tests.World;

/// <summary>A line of the cluster's history.</summary>
internal sealed record Decided(long Number, ulong Epoch, string What, string Why)
{
    /// <summary>Whether it began the way to another primary.</summary>
    public bool IsBeginning => What.Contains(" begins", StringComparison.Ordinal);

    /// <summary>Whether a primary was made.</summary>
    public bool IsPromotion => What.Contains(" is primary of epoch ", StringComparison.Ordinal);

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Number} epoch {Epoch} {What}: {Why}");
}
