using Flotilla.Groups.Core;

namespace Flotilla.Groups.Hosting;

/// <summary>
/// Who hears what a node does. Called on the node's own thread, in order, between its steps: must not block, and must copy what is borrowed.
/// It may call <see cref="NodeRuntime.Send"/> and <see cref="NodeRuntime.Do"/>; they take effect in the next batch.
/// </summary>
internal interface INodeObserver
{
    void OnDelivery(in GroupDelivery delivery);

    void OnCompleted(ulong token, in CommandOutcome outcome);

    void OnView(ClusterView view);

    /// <summary>The lease was extended or has a new epoch; <see cref="NodeRuntime.Lease"/> has it already.</summary>
    void OnLease(Lease lease);

    void OnPrimaryLost(ulong epoch);

    void OnEvicted(MemberId id, string why);

    /// <summary>Half of the votes are silent: answer with <see cref="DecideTie"/>. Nobody does by default, and the node stops.</summary>
    void OnTieBreak(TieBreak tie)
    {
    }

    void OnReport(in NodeEvent happened);

    /// <summary>A batch is over and its frames are on their way: hand on what was gathered. Waking who waits for it would have kept the frames waiting.</summary>
    void OnBatchEnd();

    /// <summary>The last call: the node left (null), or failed and acts no more.</summary>
    void OnStopped(Exception? failure);
}
