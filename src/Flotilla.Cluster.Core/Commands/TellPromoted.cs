using System.Text.Json.Serialization;

namespace Flotilla.Cluster.Core.Commands;

/// <summary>The candidate is writable: the plan is done.</summary>
public sealed record TellPromoted(ulong Plan, ServerName Server) : ClusterCommand
{
    /// <summary>Unacknowledged commits that its process had counted by then. Of level 2; null before.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? Counted { get; init; }
}
