namespace Flotilla.Cluster.Management;

/// <summary>What a person wanted of the cluster is refused; the message is for them.</summary>
public sealed class ClusterRefusedException(ClusterRefusal refusal, string message, Exception? inner = null) : Exception(message, inner)
{
    public ClusterRefusal Refusal { get; } = refusal;
}
