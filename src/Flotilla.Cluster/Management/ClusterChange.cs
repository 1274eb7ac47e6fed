using Flotilla.Cluster.Core;

namespace Flotilla.Cluster.Management;

/// <summary>Something that a person wants of the cluster, and what would come of it.</summary>
/// <param name="Outlook">Whether it is refused, and what follows, by what this node knows.</param>
/// <param name="Command">What the group is told.</param>
/// <param name="IsTaken">Whether the state right after it is as it should be: it may have changed since the outlook.</param>
/// <param name="IsDone">Whether all of it is done.</param>
public sealed record ClusterChange(Outlook Outlook, ClusterCommand Command, Func<ClusterState, bool> IsTaken, Func<ClusterState, bool> IsDone)
{
    internal ClusterChange(Outlook outlook, ClusterCommand command, Func<ClusterState, bool> isDone)
        : this(outlook, command, isDone, isDone)
    {
    }
}
