namespace Flotilla.Simulation;

/// <summary>The machine lost its power in the middle of an operation. Nothing but the simulation may catch it; <see cref="SimulatedDisk.Crash"/> comes next.</summary>
public sealed class SimulatedCrashException(long operation) : Exception($"power lost at disk operation {operation}")
{
    public long Operation { get; } = operation;
}
