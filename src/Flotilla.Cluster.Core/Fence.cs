namespace Flotilla.Cluster.Core;

/// <summary>Why the old primary acknowledges nothing any more.</summary>
public enum Fence
{
    /// <summary>There was none.</summary>
    NoPrimary,

    /// <summary>Its process ended.</summary>
    Ended,

    /// <summary>It is read-only, no commit is under way, and its node gives it no lease.</summary>
    ReadOnly,

    /// <summary>Its lease is over: its guard killed it.</summary>
    LeaseOver,
}
