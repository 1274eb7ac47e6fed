namespace Flotilla.Simulation;

/// <summary>An operation of a <see cref="SimulatedDisk"/> failed, as a real disk's might.</summary>
public sealed class SimulatedDiskException(string message, DiskFault fault) : Exception(message)
{
    public DiskFault Fault { get; } = fault;
}
