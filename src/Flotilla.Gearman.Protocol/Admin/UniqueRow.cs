namespace Flotilla.Gearman.Protocol;

/// <summary>A line of <c>show unique jobs</c>: the key; some servers add a tab and the handle.</summary>
/// <param name="Unique">The key.</param>
/// <param name="Handle">The job, where the server tells; else empty.</param>
public sealed record UniqueRow(string Unique, string Handle)
{
    /// <summary>Every line has this form.</summary>
    public static UniqueRow Parse(ReadOnlySpan<byte> line)
    {
        var end = line.LastIndexOf((byte)'\t');
        return end < 0
            ? new UniqueRow(AdminText.Unescape(line), "")
            : new UniqueRow(AdminText.Unescape(line[..end]), AdminText.Unescape(line[(end + 1)..]));
    }
}
