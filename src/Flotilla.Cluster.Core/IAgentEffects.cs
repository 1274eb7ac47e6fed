namespace Flotilla.Cluster.Core;

/// <summary>
/// What a node's part in the cluster asks of its runtime. Called only from within <see cref="AgentMachine.Step"/>. None of it need succeed: what was to come of it is looked for
/// again.
/// </summary>
public interface IAgentEffects
{
    /// <summary>Sends a command to the group, in <see cref="ClusterCommand.Class"/>, in the order of calls.</summary>
    void Send(ClusterCommand command);

    /// <summary>
    /// Looks at a server, this node's or another's: <see cref="Inputs.ServerSeen"/> follows, within a second whatever happens. One look at a time for each.
    /// </summary>
    void Look(ServerName server);

    /// <summary>Does something: <see cref="Inputs.ActionEnded"/> follows. One at a time for each server, but that <see cref="Actions.KillServer"/> may come on top.</summary>
    void Do(ServerName server, ServerAction action);

    /// <summary>
    /// Tells a server's guard when to kill it, on this node's clock, or never: <see cref="Inputs.GuardTold"/> follows. A guard minds nobody who speaks for an older epoch than it knows.
    /// </summary>
    void SetDeadline(ServerName server, ulong epoch, long? deadlineNs);

    /// <summary>The agreed state, or who is here, is another: for the topology that clients see.</summary>
    void Publish(ClusterState state, NodeView view);

    /// <summary>A line for the history.</summary>
    void Decided(Decision decision);
}
