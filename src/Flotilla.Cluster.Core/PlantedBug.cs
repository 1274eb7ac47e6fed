namespace Flotilla.Cluster.Core;

/// <summary>See <see cref="Planted"/>. Each is asked for exactly once, where the rule it breaks is kept.</summary>
internal enum PlantedBug
{
    None,

    /// <summary>A keep-alive of an epoch that is over prolongs the lease.</summary>
    CountOldKeepAlives,
}
