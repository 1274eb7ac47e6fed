namespace Flotilla.Cluster.Core.Tests;

/// <summary>What a machine asked for.</summary>
internal sealed class Recorder : IAgentEffects
{
    public List<ClusterCommand> Sent { get; } = [];

    public List<ServerAction> Done { get; } = [];

    public List<ServerName> Looks { get; } = [];

    public List<(ServerName Server, ulong Epoch, long? DeadlineNs)> Deadlines { get; } = [];

    public void Send(ClusterCommand command) => Sent.Add(command);

    public void Look(ServerName server) => Looks.Add(server);

    public void Do(ServerName server, ServerAction action) => Done.Add(action);

    public void SetDeadline(ServerName server, ulong epoch, long? deadlineNs) => Deadlines.Add((server, epoch, deadlineNs));

    public void Publish(ClusterState state, NodeView view)
    {
    }

    public void Decided(Decision decision)
    {
    }
}
