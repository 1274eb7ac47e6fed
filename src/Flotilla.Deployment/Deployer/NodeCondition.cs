namespace Flotilla.Deployment;

/// <summary>How one server of a deployment is.</summary>
/// <param name="Node">Which.</param>
/// <param name="Fact">What its host said; null when it did not.</param>
/// <param name="Problem">What is wrong; null when nothing is.</param>
public sealed record NodeCondition(DeployedNode Node, SandboxFact? Fact, string? Problem)
{
    public bool IsWell => Problem is null;
}
