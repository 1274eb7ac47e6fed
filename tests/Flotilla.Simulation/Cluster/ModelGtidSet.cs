using Flotilla.Cluster.Core;

namespace Flotilla.Simulation.Cluster;

/// <summary>What a MySQL server has, as it is read: by server, to the first gap.</summary>
internal sealed class ModelGtidSet
{
    private readonly HashSet<(uint Domain, ulong Sequence)> _behindGaps = [];

    /// <summary>How many transactions were added.</summary>
    public int Count { get; private set; }

    public GtidPosition Position { get; private set; } = GtidPosition.Empty;

    public void Add(in ModelTransaction transaction)
    {
        Count++;
        _behindGaps.Add((transaction.Domain, transaction.Sequence));
        var last = Position.OfDomain(transaction.Domain)?.Sequence ?? 0;
        while (_behindGaps.Remove((transaction.Domain, last + 1)))
            Position = Position.With(new Gtid(transaction.Domain, transaction.Domain, ++last));
    }
}
