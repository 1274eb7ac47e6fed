using Flotilla.Primitives;

namespace Flotilla.Groups.Core;

/// <summary>What a node asks of its runtime. Called only from within <see cref="NodeMachine.Step"/>, in order.</summary>
public interface INodeEffects
{
    /// <summary>Where frames for a directly connected node are written (length first); sent when the batch of steps is over. Null without a connection.</summary>
    ByteQueue? Output(NodeId peer);

    /// <summary>Ends the connection to a node that does not keep to the protocol.</summary>
    void Disconnect(NodeId peer, string reason);

    /// <summary>Keep connections to these addresses open: members, and who else is needed. Seeds are the runtime's business.</summary>
    void Peers(ClusterView view);

    /// <summary>
    /// Appends a record. Tickets count from 1 by one, in the order of calls; the runtime answers with <see cref="NodeInputKind.Written"/> and
    /// <see cref="NodeInputKind.Flushed"/>, each for all records up to a ticket.
    /// </summary>
    void Persist(in PersistRecord record);

    /// <summary>The lease was extended, or its epoch changed.</summary>
    void LeaseExtended(Lease lease);

    /// <summary>This node may not act any more: its lease ran out, or it was evicted. Before anybody acts without it.</summary>
    void PrimaryLost(ulong epoch);

    /// <summary>A view was installed here, in its place between deliveries.</summary>
    void ViewInstalled(ClusterView view);

    /// <summary>This incarnation was evicted: what it delivered may differ from what the cluster goes on with. A new incarnation follows.</summary>
    void Evicted(MemberId id, string why);

    /// <summary>Something in a group's own order: a message, a view, a checkpoint to make or to load.</summary>
    void Deliver(in GroupDelivery delivery);

    /// <summary>A command ended.</summary>
    void Completed(ulong token, in CommandOutcome outcome);

    /// <summary>Where frames for an external client are written; null when it is gone.</summary>
    ByteQueue? ClientOutput(uint client);

    /// <summary>Ends the connection of a client that does not keep to the protocol, after what was written to it.</summary>
    void DisconnectClient(uint client, string reason)
    {
    }

    /// <summary>The node left in good order and may be dropped.</summary>
    void Stopped();

    /// <summary>Something a log, a metric or a person may want to know.</summary>
    void Report(in NodeEvent happened);

    /// <summary>
    /// Exactly half of the votes can be had: the node waits for a <see cref="DecideTie"/>. Asked again now and then. Without an answer it stops, which is safe.
    /// </summary>
    void TieBreakNeeded(TieBreak tie)
    {
    }
}
