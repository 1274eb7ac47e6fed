namespace Flotilla.Cluster.Core;

/// <summary>How what a server has stands to the primary's log.</summary>
public enum Comparison
{
    /// <summary>All it has is there, and the log reaches back to it.</summary>
    Fits,

    /// <summary>It has more, and all of that can be taken back: row events with full images.</summary>
    Errant,

    /// <summary>It has more, and not all of that can be taken back.</summary>
    ErrantForGood,

    /// <summary>The primary's log does not reach back to it.</summary>
    TooOld,
}
