namespace Flotilla.Groups.Core.Log;

/// <summary>The group layer, as the log sees it. Calls come in the log's order.</summary>
internal interface ILogConsumer
{
    /// <summary>An entry reached its delivery point here. Views come through <see cref="OnView"/>.</summary>
    void OnMessage(in LogEntry entry);

    /// <summary>A view was installed, in its place. <paramref name="before"/> is null at the first this incarnation sees.</summary>
    void OnView(ClusterView view, ClusterView? before);

    /// <summary>
    /// This node is in a view, but has no shared state: get it from a member (any that has delivered that view) and call
    /// <see cref="IReplicatedLog.StateLoaded"/>. Entries after the view wait in the log meanwhile. Called again when the wait was in vain and must begin anew.
    /// </summary>
    void OnStateNeeded(ClusterView view);

    /// <summary>A piece of this node's own checkpoint, read back after a total failure, or before <see cref="OnSetAside"/>; replayed entries follow.</summary>
    void OnRecoveredState(ulong sequence, ReadOnlySpan<byte> piece, bool isLast);

    /// <summary>
    /// The checkpoint and the entries just read back are of an earlier life, and this one comes as a newcomer to a cluster that lived on: the state comes from there
    /// (<see cref="OnStateNeeded"/>), and says what of this counts.
    /// </summary>
    void OnSetAside();

    /// <summary>This incarnation is out: drop all state, end all commands as indeterminate. Another incarnation joins by itself.</summary>
    void OnEvicted(string why);

    /// <summary>Enough was logged since the last checkpoint: make one by <see cref="IReplicatedLog.PersistCheckpoint"/>.</summary>
    void OnCheckpointDue();

    /// <summary>A frame of the layer from another node (sent by <see cref="NodeContext.SendDirect"/>). Unreliable, unordered.</summary>
    void OnDirect(NodeId from, ReadOnlySpan<byte> body);

    /// <summary><see cref="IReplicatedLog.HasRoom"/> became true again.</summary>
    void OnRoom();

    void OnTick();
}
