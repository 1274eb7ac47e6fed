using Flotilla.Cluster.Core;

namespace Flotilla.Simulation.Cluster;

/// <summary>A transaction in a binary log: what it wrote, and its GTID. MariaDB's are of domain 0; each MySQL server's are of a domain of its own, as its UUID is read.</summary>
internal readonly record struct ModelTransaction(ulong Id, uint Server, ulong Sequence, uint Domain)
{
    public Gtid Gtid => new(Domain, Server, Sequence);
}
