namespace Flotilla.Primitives;

/// <summary>A defect of this program, never of its input. Nothing catches it on purpose but the process's last handler.</summary>
public sealed class InvariantViolationException(string message) : Exception(message);
