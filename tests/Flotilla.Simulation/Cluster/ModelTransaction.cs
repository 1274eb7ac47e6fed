using Flotilla.Cluster.Core;

namespace Flotilla.Simulation.Cluster;

/// <summary>A transaction in a binary log: what it wrote, and its GTID in domain 0.</summary>
internal readonly record struct ModelTransaction(ulong Id, uint Server, ulong Sequence)
{
    public Gtid Gtid => new(0, Server, Sequence);
}
