using System.Collections.Immutable;
using System.Globalization;

namespace Flotilla.Cluster.Core;

/// <summary>
/// A set in MySQL's sense (<c>gtid_executed</c>): intervals of transaction numbers for each source, <c>uuid:1-5:7,uuid:1-3</c>. A tag, as MySQL 8.3 has them, is a part of its
/// source's name.
/// </summary>
public sealed class GtidSet : ReplicationPosition, IEquatable<GtidSet>
{
    /// <summary>A server that says more is not believed.</summary>
    public const int IntervalsMax = 65_536;

    private readonly ImmutableSortedDictionary<string, ImmutableArray<Interval>> _sources;

    private GtidSet(ImmutableSortedDictionary<string, ImmutableArray<Interval>> sources) => _sources = sources;

    public static GtidSet Empty { get; } = new(ImmutableSortedDictionary.Create<string, ImmutableArray<Interval>>(StringComparer.Ordinal));

    public override bool IsEmpty => _sources.IsEmpty;

    /// <summary>Throws <see cref="FormatException"/>.</summary>
    public static new GtidSet Parse(string text)
    {
        var found = new SortedDictionary<string, List<Interval>>(StringComparer.Ordinal);
        var count = 0;
        foreach (var part in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var words = part.Split(':', StringSplitOptions.TrimEntries);
            if (!Guid.TryParse(words[0], out var source))
                throw new FormatException($"'{words[0]}' is no uuid of a server");
            var name = source.ToString("D");
            foreach (var word in words.AsSpan(1))
            {
                if (word.Length > 0 && !char.IsAsciiDigit(word[0]))
                {
                    name = $"{source:D}:{word.ToLowerInvariant()}";
                    continue;
                }

                if (++count > IntervalsMax)
                    throw new FormatException($"a set of more than {IntervalsMax} intervals");
                if (!found.TryGetValue(name, out var intervals))
                    found[name] = intervals = [];
                intervals.Add(ParseInterval(word));
            }
        }

        var sources = Empty._sources.ToBuilder();
        foreach (var (name, intervals) in found)
            sources[name] = Merge(intervals);
        return new(sources.ToImmutable());
    }

    public bool Equals(GtidSet? other)
        => other is not null && _sources.Count == other._sources.Count && _sources.All(source => other._sources.TryGetValue(source.Key, out var theirs) && source.Value.SequenceEqual(theirs));

    public override bool Equals(object? obj) => Equals(obj as GtidSet);

    public override int GetHashCode()
    {
        var hash = 17;
        foreach (var interval in _sources.Values.SelectMany(intervals => intervals))
            hash = (hash * 31) + interval.GetHashCode();
        return hash;
    }

    public override string ToString() => string.Join(',', _sources.Select(source => $"{source.Key}:{string.Join(':', source.Value)}"));

    protected override PositionOrder CompareSameKind(ReplicationPosition other)
    {
        var that = (GtidSet)other;
        return Order(isMore: !that.Has(this), isLess: !Has(that));
    }

    protected override ReplicationPosition? JoinSameKind(ReplicationPosition other)
    {
        var sources = _sources.ToBuilder();
        foreach (var (name, theirs) in ((GtidSet)other)._sources)
            sources[name] = sources.TryGetValue(name, out var mine) ? Merge([.. mine, .. theirs]) : theirs;
        return new GtidSet(sources.ToImmutable());
    }

    private bool Has(GtidSet other)
        => other._sources.All(source => _sources.TryGetValue(source.Key, out var mine) && source.Value.All(theirs => mine.Any(interval => interval.First <= theirs.First && interval.Last >= theirs.Last)));

    private static Interval ParseInterval(string text)
    {
        var ends = text.Split('-');
        if (ends.Length <= 2
            && ulong.TryParse(ends[0], NumberStyles.None, CultureInfo.InvariantCulture, out var first)
            && ulong.TryParse(ends[^1], NumberStyles.None, CultureInfo.InvariantCulture, out var last)
            && first > 0 && first <= last && last < ulong.MaxValue)
        {
            return new(first, last);
        }

        throw new FormatException($"'{text}' is no interval of transaction numbers");
    }

    // Sorted, and one where they touch.
    private static ImmutableArray<Interval> Merge(List<Interval> intervals)
    {
        var merged = ImmutableArray.CreateBuilder<Interval>();
        foreach (var next in intervals.OrderBy(interval => interval.First))
        {
            if (merged.Count > 0 && next.First <= merged[^1].Last + 1)
                merged[^1] = merged[^1] with { Last = Math.Max(merged[^1].Last, next.Last) };
            else
                merged.Add(next);
        }

        return merged.ToImmutable();
    }

    private readonly record struct Interval(ulong First, ulong Last)
    {
        public override string ToString() => First == Last ? First.ToString(CultureInfo.InvariantCulture) : string.Create(CultureInfo.InvariantCulture, $"{First}-{Last}");
    }
}
