namespace Flotilla.Deployment;

/// <summary>Arguments of <c>initialize_slave</c>.</summary>
public sealed record InitializeSlaveArguments : IJobArguments
{
    public required string Deployment { get; init; }

    public required string Name { get; init; }

    /// <summary>Address of the primary, as this host reaches it.</summary>
    public required string SourceHost { get; init; }

    public required int SourcePort { get; init; }

    string IJobArguments.Subject => Name;

    IEnumerable<string> IJobArguments.Problems()
    {
        if (!BareName.IsDeployment(Deployment))
            yield return "deployment must be 16 to 40 lower-case letters and digits";
        if (!BareName.IsSandbox(Name))
            yield return "name must be letters, digits, '.', '-' and '_', up to 64";
        if (!BareName.IsAddress(SourceHost))
            yield return "sourceHost must be a host name or address";
        if (SourcePort is < 1 or > 65535)
            yield return "sourcePort must be 1 to 65535";
    }
}
