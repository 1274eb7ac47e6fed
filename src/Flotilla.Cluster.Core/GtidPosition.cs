using System.Collections.Immutable;
using System.Globalization;

namespace Flotilla.Cluster.Core;

/// <summary>A position in MariaDB's sense: the last transaction of each domain, <c>domain-server-sequence</c> and commas between.</summary>
public sealed class GtidPosition : IEquatable<GtidPosition>
{
    public const int DomainsMax = 1024;

    private readonly ImmutableSortedDictionary<uint, Gtid> _last;

    private GtidPosition(ImmutableSortedDictionary<uint, Gtid> last) => _last = last;

    public static GtidPosition Empty { get; } = new(ImmutableSortedDictionary<uint, Gtid>.Empty);

    /// <summary>In the order of domains.</summary>
    public IEnumerable<Gtid> Last => _last.Values;

    public bool IsEmpty => _last.IsEmpty;

    public Gtid? OfDomain(uint domain) => _last.TryGetValue(domain, out var gtid) ? gtid : null;

    /// <summary>Throws <see cref="FormatException"/> with the place that is wrong.</summary>
    public static GtidPosition Parse(string text)
    {
        if (string.IsNullOrWhiteSpace(text))
            return Empty;
        var last = ImmutableSortedDictionary.CreateBuilder<uint, Gtid>();
        foreach (var part in text.Split(','))
        {
            var gtid = Gtid.Parse(part.Trim());
            if (!last.TryAdd(gtid.Domain, gtid))
                throw new FormatException($"'{text}' names domain {gtid.Domain.ToString(CultureInfo.InvariantCulture)} twice");
            if (last.Count > DomainsMax)
                throw new FormatException($"a position of more than {DomainsMax} domains");
        }

        return new(last.ToImmutable());
    }

    /// <summary>The position after that transaction too.</summary>
    public GtidPosition With(Gtid gtid) => new(_last.SetItem(gtid.Domain, gtid));

    /// <summary>
    /// How this stands to the other: by sequence numbers in each domain. Equal numbers of different servers are <see cref="PositionOrder.Diverged"/>, as are
    /// two positions of which each has something more.
    /// </summary>
    public PositionOrder CompareTo(GtidPosition other)
    {
        var isMore = false;
        var isLess = false;
        foreach (var domain in _last.Keys.Union(other._last.Keys))
        {
            var mine = OfDomain(domain);
            var theirs = other.OfDomain(domain);
            if (mine is { } m && theirs is { } t && m.Sequence == t.Sequence && m.Server != t.Server)
                return PositionOrder.Diverged;
            isMore |= (mine?.Sequence ?? 0) > (theirs?.Sequence ?? 0);
            isLess |= (mine?.Sequence ?? 0) < (theirs?.Sequence ?? 0);
        }

        return (isMore, isLess) switch
        {
            (true, true) => PositionOrder.Diverged,
            (true, false) => PositionOrder.After,
            (false, true) => PositionOrder.Before,
            (false, false) => PositionOrder.Equal,
        };
    }

    public bool Equals(GtidPosition? other) => other is not null && _last.Values.SequenceEqual(other._last.Values);

    public override bool Equals(object? obj) => Equals(obj as GtidPosition);

    public override int GetHashCode()
    {
        var hash = 17;
        foreach (var gtid in _last.Values)
            hash = (hash * 31) + gtid.GetHashCode();
        return hash;
    }

    public override string ToString() => string.Join(',', _last.Values);
}
