namespace Flotilla.Sandbox;

/// <summary>Something about a sandbox failed; the message says what, where and, where it can, what to do.</summary>
public sealed class SandboxException(SandboxProblem problem, string message, Exception? cause = null) : Exception(message, cause)
{
    public SandboxProblem Problem { get; } = problem;
}
