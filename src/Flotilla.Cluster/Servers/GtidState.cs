using Flotilla.Cluster.Core;

namespace Flotilla.Cluster.Servers;

/// <summary>
/// MariaDB's <c>gtid_binlog_state</c>: the last transaction of each domain and server in a log. In each domain the server that wrote last stands last.
/// </summary>
internal sealed class GtidState
{
    private readonly List<Gtid> _last = [];

    public GtidPosition Position => _last.Aggregate(GtidPosition.Empty, (position, gtid) => position.With(gtid));

    /// <summary>Throws <see cref="FormatException"/>.</summary>
    public static GtidState Parse(string text)
    {
        var state = new GtidState();
        foreach (var part in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            state.Add(Gtid.Parse(part));
        return state;
    }

    /// <summary>
    /// The state of a copy at a position, made from that of a later moment: what stands behind the position is left out, and comes with replication.
    /// </summary>
    public static GtidState At(GtidPosition position, GtidState later)
    {
        var state = new GtidState();
        foreach (var gtid in later._last.Where(position.Covers).Concat(position.Last))
            state.Add(gtid);
        return state;
    }

    public void Add(Gtid gtid)
    {
        _last.RemoveAll(one => one.Domain == gtid.Domain && one.Server == gtid.Server);
        _last.Add(gtid);
    }

    public bool Has(Gtid gtid) => Last(gtid.Domain, gtid.Server) >= gtid.Sequence;

    public bool Has(ReplicationPosition position) => position.IsEmpty || (position is GtidPosition { Last: var last } && last.All(Has));

    /// <summary>What is here and not in the other.</summary>
    public IReadOnlyList<ErrantRange> Without(GtidState other)
        => [.. _last.Where(gtid => !other.Has(gtid)).Select(gtid => new ErrantRange(gtid.Domain, gtid.Server, other.Last(gtid.Domain, gtid.Server), gtid.Sequence))];

    public override string ToString() => string.Join(',', _last);

    private ulong Last(uint domain, uint server) => _last.FirstOrDefault(one => one.Domain == domain && one.Server == server).Sequence;
}
