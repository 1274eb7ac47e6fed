using System.Text.Json.Serialization;

namespace Flotilla.Cluster.Core;

/// <summary>What a person, or a node that stops, wants of the coordinator, until it is done or refused.</summary>
public sealed record Order
{
    /// <summary>Given by the state; 0 in a command.</summary>
    public ulong Number { get; init; }

    public required OrderKind Kind { get; init; }

    /// <summary>Who shall be primary; null for "whoever is best".</summary>
    public ServerName? To { get; init; }

    /// <summary>Whatever is lost by it, pauses and windows notwithstanding.</summary>
    public bool IsForced { get; init; }

    /// <summary>Why, when no person wants it. Nodes of level 1 do not know it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Cause { get; init; }

    [JsonIgnore]
    public string EffectiveCause => Cause ?? "a person wants it";
}
