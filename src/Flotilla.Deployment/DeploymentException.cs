namespace Flotilla.Deployment;

/// <summary>Something about a deployment failed; the message says what, on which host and, where it can, what to do.</summary>
public sealed class DeploymentException(DeploymentProblem problem, string message, Exception? cause = null) : Exception(message, cause)
{
    public DeploymentProblem Problem { get; } = problem;

    /// <summary>The host it happened on; null where it is about several or none.</summary>
    public string? Host { get; init; }
}
