namespace Flotilla.Cluster.Core;

/// <summary>What a person wants.</summary>
public enum OrderKind
{
    Switchover,
    Failover,
}
