namespace Flotilla.Simulation;

/// <summary>What goes wrong with one operation of a <see cref="SimulatedDisk"/>.</summary>
public enum DiskFault
{
    /// <summary>The device reports an error. Of a write some part may have happened; a flush may have flushed anything, and never will again.</summary>
    Error,

    /// <summary>As <see cref="Error"/>, with the reason that there is no room.</summary>
    NoSpace,

    /// <summary>The machine loses power in the middle of it.</summary>
    Crash,
}
