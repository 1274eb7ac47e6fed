namespace Flotilla.Sandbox;

/// <summary>How a sandbox and its servers are.</summary>
public sealed record SandboxStatus(SandboxInstance Sandbox, IReadOnlyList<NodeStatus> Nodes)
{
    /// <summary>Made, and every server is well.</summary>
    public bool IsWell => Sandbox.Record.State == SandboxState.Made && Nodes.All(node => node.IsWell);
}
