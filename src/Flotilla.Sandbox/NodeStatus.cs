namespace Flotilla.Sandbox;

/// <summary>How one server of a sandbox is.</summary>
/// <param name="Node">Which.</param>
/// <param name="ProcessId">Its process; null when it does not run.</param>
/// <param name="Answers">Whether it lets us in.</param>
/// <param name="Replication">Its connections to other servers.</param>
/// <param name="Problem">What is wrong; null when nothing is.</param>
public sealed record NodeStatus(SandboxNode Node, int? ProcessId, bool Answers, IReadOnlyList<ReplicaStatus> Replication, string? Problem)
{
    /// <summary>It runs, answers, and replicates where it ought to.</summary>
    public bool IsWell => Answers && Problem is null;
}
