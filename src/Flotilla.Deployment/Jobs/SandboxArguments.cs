namespace Flotilla.Deployment;

/// <summary>Arguments of <c>sandbox_status</c>, <c>start_sandbox</c> and <c>stop_sandbox</c>.</summary>
public sealed record SandboxArguments : IJobArguments
{
    public required string Name { get; init; }

    string IJobArguments.Subject => Name;

    IEnumerable<string> IJobArguments.Problems()
    {
        if (!BareName.IsSandbox(Name))
            yield return "name must be letters, digits, '.', '-' and '_', up to 64";
    }
}
