using System.Collections.Immutable;
using System.Globalization;

namespace Flotilla.Cluster.Core;

/// <summary>A position in MariaDB's sense: the last transaction of each domain, <c>domain-server-sequence</c> and commas between.</summary>
public sealed class GtidPosition : ReplicationPosition, IEquatable<GtidPosition>
{
    public const int DomainsMax = 1024;

    private readonly ImmutableSortedDictionary<uint, Gtid> _last;

    private GtidPosition(ImmutableSortedDictionary<uint, Gtid> last) => _last = last;

    public static GtidPosition Empty { get; } = new(ImmutableSortedDictionary<uint, Gtid>.Empty);

    /// <summary>In the order of domains.</summary>
    public IEnumerable<Gtid> Last => _last.Values;

    public override bool IsEmpty => _last.IsEmpty;

    public Gtid? OfDomain(uint domain) => _last.TryGetValue(domain, out var gtid) ? gtid : null;

    /// <summary>Throws <see cref="FormatException"/> with the place that is wrong.</summary>
    public static new GtidPosition Parse(string text)
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

    // By sequence numbers in each domain. Equal numbers of different servers are two histories.
    protected override PositionOrder CompareSameKind(ReplicationPosition other)
    {
        var that = (GtidPosition)other;
        var isMore = false;
        var isLess = false;
        foreach (var domain in _last.Keys.Union(that._last.Keys))
        {
            var mine = OfDomain(domain);
            var theirs = that.OfDomain(domain);
            if (mine is { } m && theirs is { } t && m.Sequence == t.Sequence && m.Server != t.Server)
                return PositionOrder.Diverged;
            isMore |= (mine?.Sequence ?? 0) > (theirs?.Sequence ?? 0);
            isLess |= (mine?.Sequence ?? 0) < (theirs?.Sequence ?? 0);
        }

        return Order(isMore, isLess);
    }

    protected override ReplicationPosition? JoinSameKind(ReplicationPosition other)
    {
        var joined = this;
        foreach (var gtid in ((GtidPosition)other).Last)
        {
            var mine = OfDomain(gtid.Domain);
            if (mine is { } m && m.Sequence == gtid.Sequence && m.Server != gtid.Server)
                return null;
            if ((mine?.Sequence ?? 0) < gtid.Sequence)
                joined = joined.With(gtid);
        }

        return joined;
    }
}
