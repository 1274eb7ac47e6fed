namespace Flotilla.Simulation;

/// <summary>What becomes of changes that were not flushed when the power fails.</summary>
public enum CrashPolicy
{
    /// <summary>Each is kept, lost, or kept in part, in any order, as the seed says.</summary>
    Random,

    /// <summary>None is kept.</summary>
    LoseAll,

    /// <summary>All are kept, as if only the process had died.</summary>
    KeepAll,
}
