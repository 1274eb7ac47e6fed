namespace Flotilla.Node.Configuration;

/// <summary>Guesses which key was meant.</summary>
internal static class NearestKey
{
    /// <summary>The known key that differs least, if it differs in at most a third of its letters (at least two); else null.</summary>
    public static string? Find(string written, IEnumerable<string> known)
    {
        var best = known
            .Select(key => (Key: key, Distance: Distance(written.ToLowerInvariant(), key.ToLowerInvariant())))
            .OrderBy(one => one.Distance)
            .ThenBy(one => one.Key, StringComparer.Ordinal)
            .FirstOrDefault();
        return best.Key is not null && best.Distance <= Math.Max(2, best.Key.Length / 3) ? best.Key : null;
    }

    /// <summary>Insertions, deletions and replacements from one text to the other.</summary>
    private static int Distance(string from, string to)
    {
        var previous = Enumerable.Range(0, to.Length + 1).ToArray();
        var current = new int[to.Length + 1];
        for (var i = 0; i < from.Length; i++)
        {
            current[0] = i + 1;
            for (var j = 0; j < to.Length; j++)
                current[j + 1] = Math.Min(Math.Min(current[j], previous[j + 1]) + 1, previous[j] + (from[i] == to[j] ? 0 : 1));
            (previous, current) = (current, previous);
        }

        return previous[to.Length];
    }
}
