namespace Flotilla.Deployment;

/// <summary>Arguments of <c>diagnose_host</c>.</summary>
public sealed record DiagnoseArguments : IJobArguments
{
    public const int PortsMax = 64;

    /// <summary>Ports to look at; up to 64.</summary>
    public IReadOnlyList<int> Ports { get; init => field = value ?? []; } = [];

    /// <summary>A sandbox whose error log's end is wanted; null for none.</summary>
    public string? Sandbox { get; init; }

    string IJobArguments.Subject => Sandbox ?? "the host";

    IEnumerable<string> IJobArguments.Problems()
    {
        if (Ports.Count > PortsMax || Ports.Any(port => port is < 1 or > 65535))
            yield return $"ports must be up to {PortsMax} numbers from 1 to 65535";
        if (Sandbox is not null && !BareName.IsSandbox(Sandbox))
            yield return "sandbox must be letters, digits, '.', '-' and '_', up to 64";
    }
}
