namespace Flotilla.Cluster.Hosting;

/// <summary>What becomes of a primary whose node is told to stop, while its server goes on.</summary>
public enum PrimaryOnStop
{
    /// <summary>Another server becomes primary first, where one is ready.</summary>
    Switchover,

    /// <summary>It stays primary as long as its lease lasts.</summary>
    Stay,
}
