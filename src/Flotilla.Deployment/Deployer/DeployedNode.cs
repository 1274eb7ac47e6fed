using Flotilla.Sandbox;

namespace Flotilla.Deployment;

/// <summary>One server of a deployment.</summary>
public sealed record DeployedNode
{
    /// <summary>master, node1, node2, ...</summary>
    public required string Name { get; init; }

    public required string Host { get; init; }

    /// <summary>Where it is reached.</summary>
    public required string Address { get; init; }

    public required int Port { get; init; }

    public required uint ServerId { get; init; }

    public required SandboxRole Role { get; init; }

    /// <summary>Name of its sandbox on the host.</summary>
    public required string Sandbox { get; init; }

    /// <summary>The tarball must be brought to its host first.</summary>
    public bool NeedsTarball { get; init; }

    public NodeProgress Progress { get; init; }

    /// <summary>As messages name it: <c>master</c>, <c>slave 0</c>.</summary>
    internal string Title(int at) => at == 0 ? "master" : $"slave {at - 1}";
}
