namespace Flotilla.Groups.Core.Log;

/// <summary>What follows when the log's view of the cluster changes.</summary>
internal interface ILogEvents
{
    /// <summary>A decided view took its place in the log; this node may be in it or not.</summary>
    void OnInstalled(DecidedView decided);

    /// <summary>The log is about to begin anew, elsewhere.</summary>
    void OnVoid();

    /// <summary>This life of the node is out.</summary>
    void OnEvicted(string why, uint highestIncarnation);
}
