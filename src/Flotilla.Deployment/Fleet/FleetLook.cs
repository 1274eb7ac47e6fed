namespace Flotilla.Deployment;

/// <summary>What the job servers know at one moment.</summary>
internal sealed class FleetLook(IReadOnlyDictionary<FleetServer, HashSet<string>> functions, IReadOnlyList<string> problems)
{
    private const string Mark = HostFunctions.DiagnoseHost + "@";

    /// <summary>Job servers that did not answer, and why.</summary>
    public IReadOnlyList<string> Problems => problems;

    public IReadOnlyList<string> Hosts { get; } = [.. functions.Values.SelectMany(all => all)
        .Where(function => function.StartsWith(Mark, StringComparison.Ordinal)).Select(function => function[Mark.Length..])
        .Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    public string HostText => Hosts.Count > 0 ? string.Join(", ", Hosts) : "none";

    public bool Knows(HostName host) => Hosts.Contains(host.ToString(), StringComparer.Ordinal);

    public FleetServer? ServerOf(string function) => functions.Where(one => one.Value.Contains(function)).Select(one => one.Key).FirstOrDefault();
}
