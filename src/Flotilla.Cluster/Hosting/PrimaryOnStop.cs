namespace Flotilla.Cluster.Hosting;

/// <summary>What becomes of a primary whose node is told to stop.</summary>
public enum PrimaryOnStop
{
    /// <summary>Another server becomes primary first, where one is ready.</summary>
    Switchover,

    /// <summary>It stays primary as long as its lease lasts, or until it is stopped with its node.</summary>
    Stay,
}
