using Flotilla.Cluster.Core;

namespace Flotilla.Cluster.Servers;

/// <summary>Questions about positions that actions ask.</summary>
internal static class Positions
{
    /// <summary>Whether a server at that position has the transaction, in one line of history.</summary>
    public static bool Covers(this GtidPosition position, Gtid gtid) => position.OfDomain(gtid.Domain) is { } last && last.Sequence >= gtid.Sequence;

    public static bool Covers(this GtidPosition position, GtidPosition other) => other.Last.All(position.Covers);

    /// <summary>In each domain what is more.</summary>
    public static GtidPosition Merge(this GtidPosition position, GtidPosition other)
        => other.Last.Where(gtid => !position.Covers(gtid)).Aggregate(position, (merged, gtid) => merged.With(gtid));
}
