using System.Globalization;
using Flotilla.Cluster.Core;

namespace Flotilla.Cluster.Servers;

/// <summary>
/// MySQL's sets of transactions as positions: each server's UUID becomes a domain (and server) of 32 bits, and what it has without a gap becomes the sequence. What stands beyond a gap
/// does not count, so a position never says more than is there.
/// </summary>
internal static class MySqlGtids
{
    /// <summary>Of <c>uuid:1-5:7,uuid:1-3</c>. Throws <see cref="FormatException"/>.</summary>
    public static GtidPosition Parse(string set)
    {
        var position = GtidPosition.Empty;
        foreach (var part in set.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var words = part.Split(':');
            var interval = words.Length > 1 ? words[1].Split('-') : throw new FormatException($"'{part}' is no uuid with intervals");
            if (ulong.Parse(interval[0], NumberStyles.None, CultureInfo.InvariantCulture) != 1)
                continue;
            var domain = Domain(words[0]);
            position = position.With(new Gtid(domain, domain, ulong.Parse(interval[^1], NumberStyles.None, CultureInfo.InvariantCulture)));
        }

        return position;
    }

    /// <summary>FNV-1a of the UUID's text: the same on every node.</summary>
    private static uint Domain(string uuid) => uuid.ToLowerInvariant().Aggregate(2166136261u, (hash, letter) => unchecked((hash ^ letter) * 16777619u));
}
