namespace Flotilla.Simulation.Groups;

/// <summary>Who decides when exactly half of the votes are there.</summary>
public enum TieRule : byte
{
    /// <summary>Nobody: both halves stop.</summary>
    None,

    /// <summary>Nobody needs to: one node weighs more.</summary>
    Weight,

    /// <summary>A witness outside of the cluster: it grants each epoch once, to whoever asks first.</summary>
    Witness,

    /// <summary>A callback that cuts the power of the other half before it says yes.</summary>
    Fence,
}
