using System.Text.Json.Serialization;

namespace Flotilla.Sandbox;

/// <summary>How the servers of a sandbox replicate.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<SandboxTopology>))]
public enum SandboxTopology
{
    /// <summary>One server.</summary>
    [JsonStringEnumMemberName("single")]
    Single,

    /// <summary>Several servers that know nothing of each other.</summary>
    [JsonStringEnumMemberName("multiple")]
    Multiple,

    /// <summary>One primary and its replicas.</summary>
    [JsonStringEnumMemberName("replication")]
    Replication,

    /// <summary>Each replicates from the one before it, the first from the last.</summary>
    [JsonStringEnumMemberName("ring")]
    Ring,

    /// <summary>Each replicates from every other.</summary>
    [JsonStringEnumMemberName("all-masters")]
    AllMasters,

    /// <summary>The last ones replicate from all of the first ones.</summary>
    [JsonStringEnumMemberName("fan-in")]
    FanIn,
}
