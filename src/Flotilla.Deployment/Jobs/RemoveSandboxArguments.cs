namespace Flotilla.Deployment;

/// <summary>Arguments of <c>remove_sandbox</c>.</summary>
public sealed record RemoveSandboxArguments : IJobArguments
{
    /// <summary>The deployment it was made for; another's is not removed.</summary>
    public required string Deployment { get; init; }

    public required string Name { get; init; }

    string IJobArguments.Subject => Name;

    IEnumerable<string> IJobArguments.Problems()
    {
        if (!BareName.IsDeployment(Deployment))
            yield return "deployment must be 16 to 40 lower-case letters and digits";
        if (!BareName.IsSandbox(Name))
            yield return "name must be letters, digits, '.', '-' and '_', up to 64";
    }
}
