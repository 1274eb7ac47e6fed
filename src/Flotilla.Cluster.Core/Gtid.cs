using System.Globalization;

namespace Flotilla.Cluster.Core;

/// <summary>MariaDB's name of a transaction, <c>domain-server-sequence</c>.</summary>
public readonly record struct Gtid(uint Domain, uint Server, ulong Sequence)
{
    /// <summary>Throws <see cref="FormatException"/>.</summary>
    public static Gtid Parse(string text)
    {
        var parts = text.Split('-');
        if (parts.Length == 3
            && uint.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var domain)
            && uint.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var server)
            && ulong.TryParse(parts[2], NumberStyles.None, CultureInfo.InvariantCulture, out var sequence))
        {
            return new(domain, server, sequence);
        }

        throw new FormatException($"'{text}' is no GTID: domain-server-sequence is, as in 0-1-42");
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Domain}-{Server}-{Sequence}");
}
