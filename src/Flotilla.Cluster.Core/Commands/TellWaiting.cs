using System.Text.Json.Serialization;

namespace Flotilla.Cluster.Core.Commands;

/// <summary>Commits wait again; all before <paramref name="Position"/> may be on the primary only.</summary>
public sealed record TellWaiting(ulong Epoch, ulong Since, ReplicationPosition Position) : ClusterCommand
{
    /// <summary>Unacknowledged commits that its process had counted by then: those that were let go by the agreed decision are among them. Of level 2; null before.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? Counted { get; init; }
}
