namespace Flotilla.Cluster.Servers;

/// <summary>What was found when a server was prepared.</summary>
/// <param name="Findings">Settings that were wrong.</param>
/// <param name="UnfencedAccounts">Accounts of others that may write to a read-only server; it is for people to take that right away.</param>
public sealed record PreparationReport(IReadOnlyList<SettingFinding> Findings, IReadOnlyList<string> UnfencedAccounts)
{
    /// <summary>Whether the guarantees hold: nothing is left to mend.</summary>
    public bool IsSafe => Findings.All(finding => finding.IsMended);
}
