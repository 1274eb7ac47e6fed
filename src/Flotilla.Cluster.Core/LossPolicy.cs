namespace Flotilla.Cluster.Core;

/// <summary>What to do when a commit can't be acknowledged, or who acknowledged can't be asked.</summary>
public enum LossPolicy
{
    /// <summary>Wait.</summary>
    Strict,

    /// <summary>Go on after a while, and record it.</summary>
    Available,
}
