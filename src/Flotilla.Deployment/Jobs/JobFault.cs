namespace Flotilla.Deployment;

/// <summary>What a failed job says, as WORK_EXCEPTION.</summary>
public sealed record JobFault
{
    public required DeploymentProblem Problem { get; init; }

    public required string Message { get; init; }

    public required string Host { get; init; }
}
