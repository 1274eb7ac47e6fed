namespace Flotilla.Cluster.Core;

/// <summary>What a plan waits for.</summary>
public enum PlanPhase
{
    /// <summary>Switchover: the primary becomes read-only.</summary>
    Quiesce,

    /// <summary>Those that may have acknowledged say what they have.</summary>
    Collect,

    /// <summary>The candidate applies all it received, and fetches what only the source has; the old primary's end is waited for.</summary>
    Drain,

    /// <summary>The candidate becomes writable.</summary>
    Promote,
}
